import type { VersionAccuracies } from '#devices';
import type { ModelRepository } from '#registry';

/** Accuracies of stored versions: of trained and derived ratios. */
export const accuraciesFrom =
  (models: Pick<ModelRepository, 'findVersion'>): VersionAccuracies =>
  async (actor, { model, version }) => {
    const found = await models.findVersion(actor, model, version);
    const accuracies = found?.ratios.map(({ ratio, accuracy }) => ({ ratio, accuracy }));
    return accuracies?.sort((a, b) => a.ratio - b.ratio);
  };
