import type {
  Actor,
  Calibration,
  Dataset,
  Deployment,
  Device,
  Job,
  LatencyTable,
  Model,
  ModelVersion,
  VersionReference,
} from '#contracts';
import type { RegistryService } from '../registry-service.js';
import type { RecordedAddendum, RecordSources } from './record-sources.port.js';

/** A version with all that is left of what it came of; what is gone is not in the maps. */
export interface VersionRecord {
  readonly model: Model;
  readonly version: ModelVersion;
  readonly job: Job | undefined;
  readonly dataset: Dataset | undefined;
  /** That the training went on from. */
  readonly parent: ModelVersion | undefined;
  readonly addenda: readonly RecordedAddendum[];
  /** By id: of the version and of its deployments. */
  readonly calibrations: ReadonlyMap<string, Calibration>;
  readonly devices: ReadonlyMap<string, Device>;
  /** Those that calibrations were made of, and those that verified. */
  readonly tables: ReadonlyMap<string, LatencyTable>;
}

export interface VersionRecordsParts {
  readonly registry: Pick<RegistryService, 'model' | 'version'>;
  readonly sources: RecordSources;
}

/** Reads what a version came of. */
export class VersionRecords {
  constructor(private readonly parts: VersionRecordsParts) {}

  /** @throws AppError not_found */
  async of(actor: Actor, name: string, number: number): Promise<VersionRecord> {
    const { registry, sources } = this.parts;
    const [model, version] = await Promise.all([
      registry.model(actor, name),
      registry.version(actor, name, number),
    ]);
    const { jobId, datasetId, calibrationId } = version.lineage;
    const { deployments } = version;
    const calibrationIds = [calibrationId, ...deployments.map((deployment) => deployment.calibrationId)];
    const [job, dataset, calibrations, addenda] = await Promise.all([
      jobId === undefined ? undefined : sources.job(actor, jobId),
      datasetId === undefined ? undefined : sources.dataset(actor, datasetId),
      found(calibrationIds, (id) => sources.calibration(actor, id)),
      sources.addenda(actor, { model: name, version: number }),
    ]);
    const from = parentOf({ version, job });
    const profiles = [...calibrations.values()].map((calibration) => calibration.latencyTableId);
    const verifications = deployments.flatMap((deployment) => deployment.latencyTableIds);
    const [tables, devices, parent] = await Promise.all([
      found([...profiles, ...verifications], (id) => sources.latencyTable(actor, id)),
      found(deviceIds(version, calibrations), (id) => sources.device(actor, id)),
      from && sources.modelVersion(actor, from),
    ]);
    return { model, version, job, dataset, parent, addenda, calibrations, devices, tables };
  }
}

/** The version that a training went on from, or that whoever uploaded the bundle named. */
export function parentOf({
  version,
  job,
}: Pick<VersionRecord, 'version' | 'job'>): VersionReference | undefined {
  const from = version.lineage.parent ?? job?.spec.warmStart;
  return from && { model: from.model, version: from.version };
}

/** Of every device the newest deployment, in the order in which the devices came. */
export function newestDeployments({ deployments }: ModelVersion): Deployment[] {
  const newest = new Map<string, Deployment>();
  for (const deployment of deployments) {
    const known = newest.get(deployment.deviceId);
    if (known === undefined || known.createdAt <= deployment.createdAt) {
      newest.set(deployment.deviceId, deployment);
    }
  }
  return [...newest.values()];
}

/** Tables that verified a deployment, round by round, without those that are gone. */
export function tablesOf(record: VersionRecord, deployment: Deployment): LatencyTable[] {
  return deployment.latencyTableIds.flatMap((id) => record.tables.get(id) ?? []);
}

function deviceIds(version: ModelVersion, calibrations: ReadonlyMap<string, Calibration>): string[] {
  return [...version.deployments, ...calibrations.values()].map(({ deviceId }) => deviceId);
}

async function found<T>(
  ids: readonly (string | undefined)[],
  find: (id: string) => Promise<T | undefined>,
): Promise<Map<string, T>> {
  const wanted = [...new Set(ids)].filter((id) => id !== undefined);
  const values = await Promise.all(wanted.map(async (id) => ({ id, value: await find(id) })));
  return new Map(values.flatMap(({ id, value }) => (value === undefined ? [] : [[id, value] as const])));
}
