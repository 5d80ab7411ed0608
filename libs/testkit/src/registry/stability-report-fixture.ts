import {
  STABILITY_REPORT_FORMAT,
  type LatencySummary,
  type ReportedLatency,
  type ReportedPoint,
  type StabilityReport,
} from '#contracts';
import { aProvenance } from '../devices/device-fixtures.js';

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const SHARES = {
  'cpu-100pct': 1,
  'cpu-080pct': 0.8,
  'cpu-065pct': 0.65,
  'cpu-050pct': 0.5,
  'cpu-040pct': 0.4,
};
const RATIOS = [0, 0.21, 0.37, 0.53, 0.6];

/** Of a device at five operating points, the slowest of which misses the target. */
export function aStabilityReport(changes: Partial<StabilityReport> = {}): StabilityReport {
  const points = Object.entries(SHARES).map(([name, share], i) => aReportedPoint(name, share, RATIOS[i]!));
  const dense = stabilityOf(points.map((point) => point.dense.p50Ms));
  const calibrated = stabilityOf(points.map((point) => point.calibrated.p50Ms));
  return {
    format: STABILITY_REPORT_FORMAT,
    ...{ model: 'digits', version: 3, jobId: id(9) },
    bundle: { digest: 'b'.repeat(64), bytes: 331_000 },
    addenda: [],
    dataset: { id: id(3), name: 'mnist', digest: 'd'.repeat(64), testImages: 2000 },
    device: { id: id(2), name: 'board-1', model: 'Board 1', soc: 'SoC 7' },
    deployment: { id: id(8), createdAt: '2030-05-03T10:00:00.000Z', calibrationId: id(4) },
    ...{ targetMs: 10, tolerance: 0.05, emulated: true, points },
    stability: {
      ...{ dense, calibrated },
      spreadReduction: dense.spread / calibrated.spread,
      varianceReduction: dense.varianceMs2 / calibrated.varianceMs2,
    },
    latencyTables: [
      { id: id(5), purpose: 'profile', version: 1, digest: '1'.repeat(64), sampleCount: 420, marks: [] },
      { id: id(6), purpose: 'verify', version: 2, digest: '2'.repeat(64), sampleCount: 120, marks: [] },
    ],
    ...changes,
  };
}

function aReportedPoint(operatingPoint: string, share: number, ratio: number): ReportedPoint {
  const calibratedMs = ((10 * (1 - ratio)) / share) * (share === 0.4 ? 1.13 : 1.015);
  return {
    ...{ operatingPoint, ratio, accuracy: 0.968 - ratio / 50, feasible: share > 0.4 },
    clocks: { name: operatingPoint, emulatedCpuShare: share },
    withinTolerance: share > 0.4,
    dense: aReportedLatency(10 / share, 0),
    calibrated: aReportedLatency(calibratedMs, ratio === 0 ? 0 : 1),
  };
}

function aReportedLatency(p50Ms: number, index: number): ReportedLatency {
  const summary: LatencySummary = {
    ...{
      n: 24,
      p50Ms,
      p90Ms: p50Ms * 1.03,
      p99Ms: p50Ms * 1.08,
      meanMs: p50Ms * 1.004,
      stdMs: p50Ms * 0.012,
    },
    ...{ p50LowMs: p50Ms * 0.985, p50HighMs: p50Ms * 1.02 },
  };
  const onnxDigest = String(index).repeat(64);
  const provenance = aProvenance({ networkDigest: onnxDigest, throttled: false });
  return { ...summary, onnxDigest, cell: { latencyTableId: id(6), index, provenance } };
}

function stabilityOf(values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value) / values.length;
  const varianceMs2 = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return {
    spread: Math.max(...values) / Math.min(...values),
    varianceMs2,
    cov: Math.sqrt(varianceMs2) / mean,
  };
}
