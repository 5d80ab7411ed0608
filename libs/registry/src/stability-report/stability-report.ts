import {
  AppError,
  STABILITY_REPORT_FORMAT,
  type Deployment,
  type Device,
  type LatencyTable,
  type ReportedPoint,
  type StabilityReport,
} from '#contracts';
import { canonicalDigest } from '../canonical-json.js';
import { reportedLatency } from '../cards/reported-latency.js';
import { newestDeployments, tablesOf, type VersionRecord } from '../cards/version-records.js';

/** Which deployment a report is about: the newest one on the device, unless one is named. */
export interface ReportedDeployment {
  readonly deviceId: string;
  readonly deploymentId?: string | undefined;
}

/**
 * What was measured of a version on a device. Nothing in it says when it was asked for: the same rows give the same report, however
 * often.
 * @throws AppError not_found when the version has no such deployment
 */
export function buildStabilityReport(record: VersionRecord, of: ReportedDeployment): StabilityReport {
  const deployment = deploymentOf(record, of);
  const { version } = record;
  const { jobId } = version.lineage;
  const { targetMs, tolerance, emulated, id, createdAt, calibrationId } = deployment;
  const mode = record.calibrations.get(calibrationId)?.mode;
  return {
    format: STABILITY_REPORT_FORMAT,
    ...{ model: version.model, version: version.version },
    bundle: { digest: version.bundle.digest, bytes: version.bundle.bytes },
    addenda: record.addenda.map(({ digest, bytes, ratios }) => ({
      ...{ digest, bytes },
      ratios: ratios.map(({ ratio }) => ratio),
    })),
    ...(jobId !== undefined && { jobId }),
    ...dataOf(record),
    device: deviceOf(deployment, record.devices.get(deployment.deviceId)),
    deployment: { id, createdAt, calibrationId },
    ...{ targetMs, tolerance, emulated },
    ...(mode && { mode }),
    points: deployment.points.map((point) => reportedPoint(record, deployment, point)),
    ...(version.source === 'upload' && { accuracyStated: true }),
    stability: stabilityOf(deployment),
    latencyTables: tableIdsOf(record, deployment).map(([tableId, purpose]) => {
      const table = record.tables.get(tableId);
      return { id: tableId, purpose, ...(table === undefined ? { gone: true as const } : evidenceOf(table)) };
    }),
  };
}

function deploymentOf(
  { version }: VersionRecord,
  { deviceId, deploymentId }: ReportedDeployment,
): Deployment {
  const candidates = deploymentId === undefined ? newestDeployments(version) : version.deployments;
  const matches = (deployment: Deployment) =>
    deployment.deviceId === deviceId && (deploymentId === undefined || deployment.id === deploymentId);
  const found = candidates.find(matches);
  if (found !== undefined) return found;
  const what = deploymentId === undefined ? 'no deployment' : `no deployment "${deploymentId}"`;
  const known = newestDeployments(version).map((each) => `"${each.deviceId}" (${each.deviceName})`);
  const devices =
    known.length === 0 ? 'it was deployed to no device' : `it was deployed to ${known.join(', ')}`;
  const name = `${version.model} version ${version.version}`;
  throw new AppError('not_found', `${name} has ${what} on device "${deviceId}": ${devices}`);
}

function dataOf({ version, dataset }: VersionRecord): Pick<StabilityReport, 'dataset'> {
  const { datasetId, datasetDigest } = version.lineage;
  if (datasetDigest === undefined) return {};
  const training: Partial<NonNullable<typeof version.training>> = version.training ?? {};
  const { testImages } = training;
  return {
    dataset: {
      ...(datasetId !== undefined && { id: datasetId }),
      ...(dataset !== undefined && { name: dataset.name }),
      digest: datasetDigest,
      ...(testImages !== undefined && { testImages }),
    },
  };
}

function deviceOf(
  { deviceId, deviceName }: Deployment,
  device: Device | undefined,
): StabilityReport['device'] {
  const { model, soc } = device ?? {};
  return { id: deviceId, name: deviceName, ...(model && { model }), ...(soc && { soc }) };
}

function reportedPoint(
  record: VersionRecord,
  deployment: Deployment,
  point: Deployment['points'][number],
): ReportedPoint {
  const { operatingPoint, ratio, accuracy, feasible, withinTolerance, dense, calibrated } = point;
  const tables = tablesOf(record, deployment);
  const clocks = record.devices
    .get(deployment.deviceId)
    ?.operatingPoints.find(({ name }) => name === operatingPoint);
  return {
    ...{ operatingPoint, ratio, accuracy, feasible, withinTolerance },
    ...(clocks && { clocks }),
    dense: reportedLatency(tables, operatingPoint, 0, dense),
    calibrated: reportedLatency(tables, operatingPoint, ratio, calibrated),
  };
}

function stabilityOf({ stability: { dense, calibrated } }: Deployment): StabilityReport['stability'] {
  return {
    ...{ dense, calibrated },
    spreadReduction: dense.spread / calibrated.spread,
    varianceReduction: calibrated.varianceMs2 > 0 ? dense.varianceMs2 / calibrated.varianceMs2 : null,
  };
}

type Purpose = StabilityReport['latencyTables'][number]['purpose'];

/** The table of the calibration, and those of the verification. */
function tableIdsOf(record: VersionRecord, deployment: Deployment): [string, Purpose][] {
  const profile = record.calibrations.get(deployment.calibrationId)?.latencyTableId;
  const verified = deployment.latencyTableIds.map((id): [string, Purpose] => [id, 'verify']);
  // Of a deployment that was made of measurements alone they are what it was calibrated on, too.
  const isVerification = profile === undefined || deployment.latencyTableIds.includes(profile);
  return isVerification ? verified : [[profile, 'profile'], ...verified];
}

function evidenceOf({ version, cells, sampleCount, marks }: LatencyTable) {
  return { version, digest: canonicalDigest(cells), sampleCount, marks };
}
