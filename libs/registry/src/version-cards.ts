import type {
  Actor,
  ModelCard,
  StabilityReport,
  VersionComparison,
  LineageGraph,
  VersionReference,
} from '#contracts';
import { buildLineage } from './cards/lineage.js';
import { buildModelCard } from './cards/model-card.js';
import { VersionRecords, type VersionRecordsParts } from './cards/version-records.js';
import { compareVersions } from './comparison/compare-versions.js';
import { buildStabilityReport, type ReportedDeployment } from './stability-report/stability-report.js';

/** What is told of published versions: read anew each time, from what is stored. */
export class VersionCards {
  private readonly records: VersionRecords;

  constructor(parts: VersionRecordsParts) {
    this.records = new VersionRecords(parts);
  }

  /** @throws AppError not_found */
  async lineage(actor: Actor, { model, version }: VersionReference): Promise<LineageGraph> {
    return buildLineage(await this.records.of(actor, model, version));
  }

  /** @throws AppError not_found */
  async card(actor: Actor, { model, version }: VersionReference): Promise<ModelCard> {
    return buildModelCard(await this.records.of(actor, model, version));
  }

  /** @throws AppError not_found naming the first version that is not there */
  async comparison(actor: Actor, versions: readonly VersionReference[]): Promise<VersionComparison> {
    const records = await Promise.all(
      versions.map(({ model, version }) => this.records.of(actor, model, version)),
    );
    return compareVersions(records);
  }

  /** @throws AppError not_found, also for a version without a deployment on the device */
  async stabilityReport(
    actor: Actor,
    { model, version }: VersionReference,
    deployment: ReportedDeployment,
  ): Promise<StabilityReport> {
    return buildStabilityReport(await this.records.of(actor, model, version), deployment);
  }
}
