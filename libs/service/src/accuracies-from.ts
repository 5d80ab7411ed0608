import type { VersionAccuracies } from '#devices';
import type { ModelRepository } from '#registry';

/** Accuracies of stored versions: of trained and derived ratios, where they are known. */
export const accuraciesFrom =
  (models: Pick<ModelRepository, 'findVersion'>): VersionAccuracies =>
  async (actor, { model, version }) => {
    const found = await models.findVersion(actor, model, version);
    const known = found?.ratios.flatMap(({ ratio, accuracy }) =>
      accuracy === undefined ? [] : [{ ratio, accuracy }],
    );
    return known?.sort((a, b) => a.ratio - b.ratio);
  };
