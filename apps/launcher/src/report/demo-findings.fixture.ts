import type { Calibration, Deployment, LatencySummary, Stability } from '#contracts';
import { CreateJob, type Dataset, type Device, type Job, type TrainedVersion } from '#contracts';
import type { DemoFindings } from './build-report.js';
import type { MeasuredTable, MeasuredTableCell } from './report.schema.js';

const at = '2026-03-01T10:00:00.000Z';
const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const audit = (n: number) => ({ id: id(n), teamId: id(1), owner: 'anna', createdAt: at, updatedAt: at });
const digest = 'ab'.repeat(32);

const SHARES = { 'share-100': 1, 'share-080': 0.8, 'share-060': 0.6, 'share-045': 0.45, 'share-035': 0.35 };
const CHOSEN = [0, 0.23, 0.45, 0.61, 0.74];
const PROFILED = [0, 0.15, 0.3, 0.45, 0.6, 0.75];
const network = { family: 'resnet', depth: 8, widthMultiplier: 1 } as const;
const input = { channels: 1, height: 28, width: 28 };

/** A device whose latency is exactly what its CPU share and the kept MACs say, but for a per cent of noise. */
const latencyMs = (share: number, ratio: number, factor = 1) =>
  ((20 * (0.06 + 0.94 * (1 - ratio))) / share) * factor;

function cell(index: number, operatingPoint: string, ratio: number, p50Ms: number): MeasuredTableCell {
  const samplesMs = Array.from({ length: 12 }, (_, i) => p50Ms * (1 + (i - 5.5) / 300));
  return {
    index,
    operatingPoint,
    ratio,
    widths: { stem: 16 },
    macs: Math.round(9e6 * (1 - ratio)),
    sampleCount: samplesMs.length,
    samplesMs,
    summary: summaryOf(p50Ms),
    provenance: {
      agentVersion: '0.1.0',
      runner: 'onnxruntime-node',
      runnerVersion: '1.30.0',
      threads: 1,
      batch: 64,
      runsPerSample: 4,
      networkDigest: digest,
      emulated: true,
      clockController: 'duty-cycle',
      machine: { cpuModel: 'Fixture CPU', cores: 2, platform: 'linux', arch: 'x64' },
      measuredAt: at,
    },
  };
}

const summaryOf = (p50Ms: number): LatencySummary => ({
  n: 12,
  p50Ms,
  p90Ms: p50Ms * 1.02,
  p99Ms: p50Ms * 1.03,
  meanMs: p50Ms,
  stdMs: p50Ms * 0.01,
  p50LowMs: p50Ms * 0.975,
  p50HighMs: p50Ms * 1.025,
});

function stabilityOf(values: readonly number[]): Stability {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const varianceMs2 = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  const spread = Math.max(...values) / Math.min(...values);
  return { spread, varianceMs2, cov: Math.sqrt(varianceMs2) / mean };
}

function table(
  n: number,
  purpose: MeasuredTable['purpose'],
  ratiosOf: (point: number) => readonly number[],
  factor: number,
): MeasuredTable {
  const cells = Object.entries(SHARES)
    .flatMap(([name, share], point) => ratiosOf(point).map((ratio) => ({ name, share, ratio })))
    .map(({ name, share, ratio }, index) => cell(index, name, ratio, latencyMs(share, ratio, factor)));
  const measuringTaskId = id(n + 100);
  return {
    ...audit(n),
    ...{ deviceId: id(2), version: n, measuringTaskId, purpose, emulated: true, cells },
    source: { kind: 'measured', measuringTaskId },
    ...{ cellCount: cells.length, sampleCount: 12 * cells.length, marks: [], markCount: 0 },
  };
}

const points = Object.entries(SHARES).map(([operatingPoint, share], i) => ({
  operatingPoint,
  share,
  ratio: CHOSEN[i]!,
}));

const device: Device = {
  ...audit(2),
  name: 'this-machine',
  labels: {},
  operatingPoints: points.map(({ operatingPoint: name, share }) => ({ name, emulatedCpuShare: share })),
};

const dataset: Dataset = {
  ...audit(3),
  name: 'mnist',
  format: 'idx',
  origin: 'mnist',
  digest,
  files: {
    trainImages: { digest, bytes: 1 },
    trainLabels: { digest, bytes: 1 },
    testImages: { digest, bytes: 1 },
    testLabels: { digest, bytes: 1 },
  },
  input,
  classes: 10,
  classNames: Array.from({ length: 10 }, (_, label) => String(label)),
  split: { kind: 'given' },
  trainImages: 60_000,
  testImages: 10_000,
  classCounts: Array.from({ length: 10 }, () => 6000),
};

const calibration: Calibration = {
  ...audit(4),
  deviceId: id(2),
  latencyTableId: id(5),
  target: { kind: 'fastest-at-ratio', ratio: 0 },
  targetMs: latencyMs(1, 0),
  tolerance: 0.05,
  mode: 'stable',
  ratios: CHOSEN,
  unmeasuredPoints: [],
  choices: points.map(({ operatingPoint, share, ratio }) => ({
    operatingPoint,
    ratio,
    predictedMs: latencyMs(share, ratio),
    predictedLowMs: latencyMs(share, ratio) * 0.99,
    predictedHighMs: latencyMs(share, ratio) * 1.01,
    slackMs: latencyMs(1, 0) - latencyMs(share, ratio),
    denseMs: latencyMs(share, 0),
    feasible: true,
  })),
  stability: {
    dense: stabilityOf(points.map((p) => latencyMs(p.share, 0))),
    calibrated: stabilityOf(points.map((p) => latencyMs(p.share, p.ratio))),
  },
};

function deployment(factor: number): Deployment {
  const measured = points.map(({ operatingPoint, share, ratio }, i) => ({
    operatingPoint,
    ratio,
    accuracy: 0.988 - i * 0.004,
    dense: summaryOf(latencyMs(share, 0, factor)),
    calibrated: summaryOf(latencyMs(share, ratio, factor)),
    feasible: true,
    withinTolerance: i !== 4,
  }));
  return {
    ...audit(8),
    model: 'mnist-resnet8',
    version: 1,
    deviceId: id(2),
    deviceName: 'this-machine',
    calibrationId: id(4),
    latencyTableId: id(6),
    latencyTableIds: [id(6)],
    targetMs: calibration.targetMs,
    tolerance: 0.05,
    emulated: true,
    points: measured,
    stability: {
      dense: stabilityOf(measured.map((p) => p.dense.p50Ms)),
      calibrated: stabilityOf(measured.map((p) => p.calibrated.p50Ms)),
    },
  };
}

const executor = {
  name: 'onnxruntime',
  provider: 'cpu',
  version: '1.30.0',
  threads: 2,
  cpuModel: 'Fixture CPU',
  cpuClass: 'fixture avx2',
};

const version: TrainedVersion = {
  ...audit(7),
  ...{ source: 'job', description: '', tags: {} },
  model: 'mnist-resnet8',
  version: 1,
  bundle: { digest, bytes: 331_000, url: `/v1/artifacts/${digest}` },
  network,
  input,
  classes: 10,
  ratios: CHOSEN.map((ratio, i) => ({
    ratio,
    accuracy: 0.988 - i * 0.004,
    threshold: ratio,
    widths: { stem: 16 },
    macs: Math.round(9e6 * (1 - ratio)),
    parameters: Math.round(75_000 * (1 - ratio)),
    derived: false,
  })),
  training: { trainImages: 12_000, testImages: 2000, executor, trainingSeconds: 95 },
  lineage: { jobId: id(9), datasetId: id(3), datasetDigest: digest, calibrationId: id(4) },
  deployments: [deployment(1.02)],
};

const spec = CreateJob.parse({ model: 'mnist-resnet8', network, datasetId: id(3), calibrationId: id(4) });
const job: Job = {
  ...audit(9),
  state: 'succeeded',
  stage: 'publish',
  ...{ until: 'publish', attempt: 1, generation: 0, attemptsBefore: 0, priority: 0, metricSteps: {} },
  model: 'mnist-resnet8',
  spec,
  ratios: CHOSEN,
  version: 1,
};

/** What the API might answer in a demo on a machine that behaves well. For tests. */
export const FINDINGS: DemoFindings = {
  createdAt: new Date(at),
  command: 'npm run demo',
  versions: { isochron: '0.1.0', node: 'v20.20.2', 'onnxruntime-node': '1.30.0' },
  machine: { cpuModel: 'Fixture CPU', cores: 2, memoryBytes: 8e9, platform: 'linux', arch: 'x64' },
  queue: 'postgres',
  device,
  dataset,
  calibration,
  job,
  version,
  profile: table(5, 'profile', () => PROFILED, 1),
  profileGridCells: 50,
  verification: table(6, 'verify', (point) => [...new Set([0, CHOSEN[point]!])], 1.02),
  adjustments: [],
  timings: [
    { step: 'measure proxy networks', seconds: 47.3 },
    { step: 'train', seconds: 95.2 },
  ],
};
