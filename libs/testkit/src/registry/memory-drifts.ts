import { notFound, type Actor } from '#contracts';
import type { DriftPlace, DriftRepository, ModelRepository, StoredDrift } from '#registry';

export class MemoryDrifts implements DriftRepository {
  private readonly rows = new Map<string, Map<string, StoredDrift>>();

  constructor(private readonly deployments: Pick<ModelRepository, 'findDeployment'>) {}

  async update(
    actor: Actor,
    { deploymentId, operatingPoint }: DriftPlace,
    change: (before: StoredDrift | undefined) => StoredDrift,
  ): Promise<StoredDrift> {
    const deployment = await this.deployments.findDeployment(actor, deploymentId);
    if (deployment === undefined) throw notFound('deployment', deploymentId);
    const points = this.rows.get(deploymentId) ?? new Map<string, StoredDrift>();
    const after = change(structuredClone(points.get(operatingPoint)));
    this.rows.set(deploymentId, points.set(operatingPoint, structuredClone(after)));
    return after;
  }

  async list(actor: Actor, deploymentId: string): Promise<StoredDrift[]> {
    const deployment = await this.deployments.findDeployment(actor, deploymentId);
    const points = deployment === undefined ? [] : [...(this.rows.get(deploymentId)?.values() ?? [])];
    return structuredClone(points).sort((a, b) => (a.operatingPoint < b.operatingPoint ? -1 : 1));
  }
}
