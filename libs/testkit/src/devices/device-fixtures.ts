import { randomUUID } from 'node:crypto';
import {
  MeasuringProtocol,
  newAudit,
  type Actor,
  type Calibration,
  type CalibrationChoice,
  type Device,
  type LatencySummary,
  type LatencyTable,
  type LatencyTableHeader,
  type MeasuringTask,
  type SampledLatencyCell,
  type SampleProvenance,
} from '#contracts';
import type { MeasuredCell } from '#devices';

export function aDevice(actor: Actor, changes: Partial<Device> = {}): Device {
  return {
    ...newAudit(actor, randomUUID(), new Date()),
    name: `phone-${randomUUID().slice(0, 8)}`,
    model: 'Phone 3',
    labels: { lab: 'north' },
    operatingPoints: [
      { name: 'fast', cpuHz: 2_000_000_000 },
      { name: 'slow', cpuHz: 1_000_000_000, emulatedCpuShare: 0.5 },
    ],
    ...changes,
  };
}

/** Of the device, 2 operating points x ratios 0 and 0.5. */
export function aMeasuringTask(device: Device, changes: Partial<MeasuringTask> = {}): MeasuringTask {
  const ratios = [0, 0.5];
  return {
    ...newAudit(device, randomUUID(), new Date()),
    deviceId: device.id,
    purpose: 'profile',
    state: 'queued',
    input: { channels: 1, height: 28, width: 28 },
    protocol: MeasuringProtocol.parse({}),
    operatingPoints: device.operatingPoints,
    subnets: ratios.map((ratio) => ({
      ratio,
      widths: { stem: ratio === 0 ? 4 : 2 },
      macs: 1000 * (1 - ratio),
      parameters: 100,
      onnx: { digest: 'a'.repeat(64), bytes: 10, url: `/v1/artifacts/${'a'.repeat(64)}` },
    })),
    cells: device.operatingPoints
      .flatMap(({ name }) => ratios.map((ratio) => ({ operatingPoint: name, ratio })))
      .map((cell, index) => ({ index, ...cell })),
    selection: { kind: 'all' },
    cellsDone: 0,
    ...changes,
  };
}

export function aSummary(p50Ms: number): LatencySummary {
  return {
    n: 3,
    p50Ms,
    p90Ms: p50Ms,
    p99Ms: p50Ms,
    meanMs: p50Ms,
    stdMs: 0,
    p50LowMs: p50Ms,
    p50HighMs: p50Ms,
  };
}

export function aProvenance(changes: Partial<SampleProvenance> = {}): SampleProvenance {
  return {
    agentVersion: '0.1.0',
    runner: 'onnxruntime-node',
    runnerVersion: '1',
    threads: 1,
    batch: 64,
    runsPerSample: 4,
    networkDigest: 'a'.repeat(64),
    emulated: true,
    clockController: 'duty-cycle',
    machine: { cpuModel: 'test', cores: 2, platform: 'linux', arch: 'x64' },
    measuredAt: '2030-01-01T00:00:00.000Z',
    ...changes,
  };
}

export function aMeasuredCell(index: number, p50Ms = 10 + index): MeasuredCell {
  const samplesMs = [p50Ms - 1, p50Ms, p50Ms + 1];
  return { index, samplesMs, summary: aSummary(p50Ms), provenance: aProvenance() };
}

/** A table as it is stored: with the samples of every cell, as its device's first. */
export interface StoredLatencyTable extends LatencyTableHeader {
  readonly cells: SampledLatencyCell[];
}

/** Of a completed task, every cell of which was measured. */
export function aLatencyTable(
  task: MeasuringTask,
  changes: Partial<StoredLatencyTable> = {},
): StoredLatencyTable {
  const cells = task.cells.map(({ index, operatingPoint, ratio }) => {
    const { samplesMs, summary, provenance } = aMeasuredCell(index);
    const { widths, macs } = task.subnets.find((subnet) => subnet.ratio === ratio)!;
    const figures = { sampleCount: samplesMs.length, summary, provenance, samplesMs: [...samplesMs] };
    return { index, operatingPoint, ratio, widths, macs, ...figures };
  });
  return {
    ...newAudit(task, randomUUID(), new Date()),
    deviceId: task.deviceId,
    version: 1,
    source: { kind: 'measured', measuringTaskId: task.id },
    measuringTaskId: task.id,
    purpose: task.purpose,
    ...(task.jobId === undefined ? {} : { jobId: task.jobId }),
    emulated: true,
    cellCount: cells.length,
    sampleCount: cells.reduce((sum, cell) => sum + cell.sampleCount, 0),
    marks: [],
    markCount: 0,
    cells,
    ...changes,
  };
}

/** Of a device, from a file that states a summary of each cell and has no samples. */
export function anImportedTable(
  device: Device,
  changes: Partial<StoredLatencyTable> = {},
): StoredLatencyTable {
  const format = 'triton-perf-analyzer' as const;
  const cells = device.operatingPoints.map(({ name }, index): SampledLatencyCell => {
    const p50Ms = 10 + index;
    return {
      ...{ index, operatingPoint: name, ratio: 0, sampleCount: 0, samplesMs: [] },
      summary: { stated: true, p50Ms, p50Is: 'median', p99Ms: p50Ms + 1 },
      provenance: {
        ...{ kind: 'imported', format, file: 'report.csv', lines: { first: 2, last: 2 } },
        ...{ batch: 8, threads: 1 },
      },
    };
  });
  return {
    ...newAudit(device, randomUUID(), new Date()),
    deviceId: device.id,
    version: 1,
    source: { kind: 'imported', format, files: [{ name: 'report.csv', digest: 'b'.repeat(64), bytes: 100 }] },
    purpose: 'profile',
    emulated: false,
    cellCount: cells.length,
    sampleCount: 0,
    marks: [{ kind: 'missing-cells', operatingPoint: 'slow', ratios: [0.5] }],
    markCount: 1,
    cells,
    ...changes,
  };
}

/** As a table is read: its cells have no samples. */
export function withoutSamples({ cells, ...header }: StoredLatencyTable): LatencyTable {
  return { ...header, cells: cells.map(({ samplesMs: _, ...cell }) => cell) };
}

/** As a list has a table: without its cells. */
export function headerOf({ cells: _, ...header }: StoredLatencyTable): LatencyTableHeader {
  return header;
}

/** Dense at the slow operating point is the target; the fast one needs no pruning either. */
export function aCalibration(table: LatencyTableHeader, changes: Partial<Calibration> = {}): Calibration {
  const steady = { spread: 1, varianceMs2: 0, cov: 0 };
  return {
    ...newAudit(table, randomUUID(), new Date()),
    deviceId: table.deviceId,
    latencyTableId: table.id,
    target: { kind: 'latency', latencyMs: 10 },
    targetMs: 10,
    tolerance: 0.05,
    mode: 'stable',
    choices: [
      {
        ...{ operatingPoint: 'fast', ratio: 0, denseMs: 10, feasible: true },
        ...{ predictedMs: 10, predictedLowMs: 9.9, predictedHighMs: 10.1, slackMs: 0 },
      },
      {
        ...{ operatingPoint: 'slow', ratio: 0.5, denseMs: 12, feasible: false },
        ...{ predictedMs: 13, predictedLowMs: 12.8, predictedHighMs: 13.2, slackMs: -3 },
        miss: { bound: 'compute', nearestMs: 13, nearestRatio: 0.5, floorMs: 1, message: 'too slow' },
      },
    ],
    ratios: [0, 0.5],
    unmeasuredPoints: [],
    stability: { dense: steady, calibrated: steady },
    ...changes,
  };
}

/** With everything that may be left out. */
export function aFullCalibration(table: LatencyTableHeader): Calibration {
  const { choices, stability } = aCalibration(table);
  const [fast, slow] = choices as [CalibrationChoice, CalibrationChoice];
  const late = { ...slow, miss: { ...slow.miss!, bound: 'uncertainty' as const } };
  return aCalibration(table, {
    mode: 'deadline',
    target: { kind: 'auto', maxRatio: 0.7 },
    choices: [fast, late].map((choice) => ({ ...choice, accuracy: 0.98 })),
    unmeasuredPoints: ['idle'],
    nearestFeasibleTargetMs: 13.2,
    merged: {
      ratios: [0],
      choices: choices.map(({ operatingPoint, denseMs, feasible }) => {
        return { operatingPoint, ratio: 0, predictedMs: denseMs, feasible };
      }),
      stability: stability.dense,
    },
    maxRatio: 0.6,
    maxTrainedRatios: 1,
    accuracies: [
      { ratio: 0, accuracy: 0.98 },
      { ratio: 0.5, accuracy: 0.96 },
    ],
    version: { model: 'digits', version: 3 },
  });
}
