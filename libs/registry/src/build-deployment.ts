import {
  AppError,
  newAudit,
  trainedChoices,
  type Actor,
  type Calibration,
  type Deployment,
  type Device,
  type LatencySummary,
  type LatencyTable,
  type VersionRatio,
  type Stability,
  type TrainedChoice,
  type VerifiedPoint,
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
  /** The candidate's own latencies, round by round; the first has the dense network and the chosen one everywhere. */
  readonly verifications: readonly LatencyTable[];
  /** What they have shown of each point. */
  readonly points: readonly VerifiedPoint[];
  readonly ratios: readonly VersionRatio[];
  readonly stabilityOf: StabilityOf;
}

type Point = Deployment['points'][number];

/**
 * Which ratio of a version runs at which operating point: the one that verification found best, else the one that was
 * trained for it, with the latencies that the candidate really had and its accuracies. Stability is over the verified
 * p50 latencies.
 * @throws AppError internal when the verification lacks a cell or the version a ratio that a point runs
 */
export function buildDeployment(parts: DeploymentParts): Deployment {
  const { calibration, verifications, device } = parts;
  const points = trainedChoices(calibration).map((choice) => deploymentPoint(parts, choice));
  return {
    ...newAudit(parts.actor, parts.id, parts.at),
    model: parts.model,
    version: parts.version,
    deviceId: device.id,
    deviceName: device.name,
    calibrationId: calibration.id,
    latencyTableId: verifications[0]!.id,
    latencyTableIds: verifications.map(({ id }) => id),
    targetMs: calibration.targetMs,
    tolerance: calibration.tolerance,
    emulated: verifications.some(({ emulated }) => emulated),
    points,
    stability: {
      dense: parts.stabilityOf(points.map((point) => point.dense.p50Ms)),
      calibrated: parts.stabilityOf(points.map((point) => point.calibrated.p50Ms)),
    },
  };
}

function deploymentPoint(
  { calibration, verifications, points, ratios }: DeploymentParts,
  { operatingPoint, ratio: trained, feasible }: TrainedChoice,
): Point {
  const verified = points.find((point) => point.operatingPoint === operatingPoint);
  const { ratio = trained } = verified?.best ?? {};
  const { targetMs, tolerance } = calibration;
  const result = ratios.find((candidate) => candidate.ratio === ratio);
  if (result === undefined) throw new AppError('internal', `the candidate was not trained at ratio ${ratio}`);
  const calibrated = summaryOf(verifications, operatingPoint, ratio);
  return {
    operatingPoint,
    ratio,
    accuracy: result.accuracy,
    dense: summaryOf(verifications, operatingPoint, 0),
    calibrated,
    feasible,
    // Verifications of earlier versions do not say it.
    withinTolerance: verified?.held ?? Math.abs(calibrated.p50Ms / targetMs - 1) <= tolerance,
  };
}

function summaryOf(tables: readonly LatencyTable[], operatingPoint: string, ratio: number): LatencySummary {
  const cells = tables.flatMap((table) => table.cells);
  const cell = cells.findLast((c) => c.operatingPoint === operatingPoint && c.ratio === ratio);
  // A measuring task, which every verification is of, leaves summaries of samples.
  if (cell !== undefined && !('stated' in cell.summary)) return cell.summary;
  const ids = tables.map(({ id }) => `"${id}"`).join(', ');
  const detail = `latency tables ${ids} have no cell for "${operatingPoint}" at ratio ${ratio}`;
  throw new AppError('internal', detail);
}
