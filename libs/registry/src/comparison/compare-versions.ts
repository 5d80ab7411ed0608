import {
  networkLabel,
  type ComparedDevice,
  type ComparedPoint,
  type ComparedRatio,
  type ComparedVersion,
  type Deployment,
  type VersionComparison,
} from '#contracts';
import { measuringConditions } from '../cards/measuring-conditions.js';
import { ratiosOf } from '../version-ratios.js';
import { newestDeployments, tablesOf, type VersionRecord } from '../cards/version-records.js';
import { comparisonNotes } from './comparison-notes.js';
import { settingDifferences } from './setting-differences.js';

/** Versions side by side, held to the first of them; of every device each has its newest deployment. */
export function compareVersions(records: readonly VersionRecord[]): VersionComparison {
  const comparison = {
    versions: records.map(comparedVersion),
    ratios: comparedRatios(records),
    devices: comparedDevices(records),
    settings: settingDifferences(records),
  };
  return { ...comparison, notes: comparisonNotes(comparison) };
}

function comparedVersion({ version }: VersionRecord): ComparedVersion {
  const { model, createdAt, owner, network, input, classes, bundle, training } = version;
  const { jobId, datasetDigest } = version.lineage;
  const testImages = training?.testImages;
  return {
    ...{ model, version: version.version, createdAt, owner, input, classes },
    url: `/v1/models/${model}/versions/${version.version}`,
    network: networkLabel(network),
    bundle: { digest: bundle.digest, bytes: bundle.bytes },
    ...(datasetDigest !== undefined && { datasetDigest }),
    ...(testImages !== undefined && { testImages }),
    ...(jobId !== undefined && { jobId }),
  };
}

function comparedRatios(records: readonly VersionRecord[]): ComparedRatio[] {
  const runnable = records.map(({ version, addenda }) => ratiosOf(version, addenda));
  const ratios = [...new Set(runnable.flat().map(({ ratio }) => ratio))].sort((a, b) => a - b);
  return ratios.map((ratio) => {
    const results = runnable.map((all) => all.find((result) => result.ratio === ratio));
    const entries = results.map((result, index) => {
      if (result === undefined) return null;
      const { accuracy, macs, parameters, derived } = result;
      const difference = index === 0 ? undefined : differenceOf(accuracy, results[0]?.accuracy);
      return { accuracy, macs, parameters, derived, accuracyDifference: difference };
    });
    return { ratio, entries };
  });
}

function comparedDevices(records: readonly VersionRecord[]): ComparedDevice[] {
  const newest = records.map(({ version }) => newestDeployments(version));
  const names = new Map(newest.flat().map(({ deviceId, deviceName }) => [deviceId, deviceName]));
  return [...names].map(([deviceId, deviceName]) => {
    const deployments = newest.map((all) => all.find((deployment) => deployment.deviceId === deviceId));
    return {
      ...{ deviceId, deviceName },
      deployments: deployments.map((deployment, index) => headOf(deployment, records[index]!)),
      points: comparedPoints(deployments),
    };
  });
}

function headOf(
  deployment: Deployment | undefined,
  record: VersionRecord,
): ComparedDevice['deployments'][number] {
  if (deployment === undefined) return null;
  const { id, createdAt, targetMs, tolerance, emulated, stability } = deployment;
  const { batches } = measuringConditions(tablesOf(record, deployment));
  return { id, createdAt, targetMs, tolerance, emulated, batches, stability };
}

function comparedPoints(deployments: readonly (Deployment | undefined)[]): ComparedPoint[] {
  const all = deployments.flatMap((deployment) => deployment?.points ?? []);
  const names = [...new Set(all.map(({ operatingPoint }) => operatingPoint))];
  return names.map((operatingPoint) => {
    const points = deployments.map((deployment) =>
      deployment?.points.find((point) => point.operatingPoint === operatingPoint),
    );
    const first = points.find((point) => point !== undefined)!;
    return { operatingPoint, entries: points.map((point) => entryOf(point, first)) };
  });
}

type Point = Deployment['points'][number];

function entryOf(point: Point | undefined, first: Point): ComparedPoint['entries'][number] {
  if (point === undefined) return null;
  const { ratio, accuracy, calibrated, dense, withinTolerance } = point;
  const { p50Ms, p50LowMs, p50HighMs, n } = calibrated;
  return {
    ...{ ratio, accuracy, p50Ms, p50LowMs, p50HighMs, samples: n, withinTolerance },
    denseP50Ms: dense.p50Ms,
    ...(point !== first && {
      differenceMs: p50Ms - first.calibrated.p50Ms,
      intervalsOverlap: p50LowMs <= first.calibrated.p50HighMs && p50HighMs >= first.calibrated.p50LowMs,
    }),
  };
}

function differenceOf(value: number | undefined, first: number | undefined): number | undefined {
  return value === undefined || first === undefined ? undefined : value - first;
}
