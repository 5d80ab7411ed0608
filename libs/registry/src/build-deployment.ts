import {
  AppError,
  newAudit,
  type Actor,
  type Calibration,
  type Deployment,
  type Device,
  type LatencySummary,
  type LatencyTable,
  type RatioResult,
  type Stability,
} from '#contracts';

/** Spread, variance and coefficient of variation of latencies in milliseconds. */
export type StabilityOf = (latenciesMs: readonly number[]) => Stability;

export interface DeploymentParts {
  readonly actor: Actor;
  readonly id: string;
  readonly at: Date;
  readonly model: string;
  readonly version: number;
  readonly device: Device;
  readonly calibration: Calibration;
  /** The candidate's own latencies. */
  readonly verification: LatencyTable;
  readonly ratios: readonly RatioResult[];
  readonly stabilityOf: StabilityOf;
}

type Point = Deployment['points'][number];

/**
 * Which ratio of a version runs at which operating point: chosen by the calibration, with the latencies that the
 * candidate really had and its accuracies. Stability is over the verified p50 latencies.
 * @throws AppError internal when the verification lacks a cell or the version a ratio that the calibration chose
 */
export function buildDeployment(parts: DeploymentParts): Deployment {
  const { calibration, verification, device } = parts;
  const points = calibration.choices.map((choice) => deploymentPoint(parts, choice));
  return {
    ...newAudit(parts.actor, parts.id, parts.at),
    model: parts.model,
    version: parts.version,
    deviceId: device.id,
    deviceName: device.name,
    calibrationId: calibration.id,
    latencyTableId: verification.id,
    targetMs: calibration.targetMs,
    tolerance: calibration.tolerance,
    emulated: verification.emulated,
    points,
    stability: {
      dense: parts.stabilityOf(points.map((point) => point.dense.p50Ms)),
      calibrated: parts.stabilityOf(points.map((point) => point.calibrated.p50Ms)),
    },
  };
}

function deploymentPoint(
  { calibration, verification, ratios }: DeploymentParts,
  { operatingPoint, ratio, feasible }: Calibration['choices'][number],
): Point {
  const result = ratios.find((candidate) => candidate.ratio === ratio);
  if (result === undefined) throw new AppError('internal', `the candidate was not trained at ratio ${ratio}`);
  const calibrated = summaryOf(verification, operatingPoint, ratio);
  const offBy = Math.abs(calibrated.p50Ms - calibration.targetMs) / calibration.targetMs;
  return {
    operatingPoint,
    ratio,
    accuracy: result.accuracy,
    dense: summaryOf(verification, operatingPoint, 0),
    calibrated,
    feasible,
    withinTolerance: offBy <= calibration.tolerance,
  };
}

function summaryOf(table: LatencyTable, operatingPoint: string, ratio: number): LatencySummary {
  const cell = table.cells.find((c) => c.operatingPoint === operatingPoint && c.ratio === ratio);
  // A measuring task, which every verification is of, leaves summaries of samples.
  if (cell !== undefined && !('stated' in cell.summary)) return cell.summary;
  const detail = `latency table "${table.id}" has no cell for "${operatingPoint}" at ratio ${ratio}`;
  throw new AppError('internal', detail);
}
