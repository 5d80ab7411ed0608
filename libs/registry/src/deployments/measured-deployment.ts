import {
  AppError,
  type Actor,
  type Calibration,
  type Device,
  type LatencyTable,
  type VersionRatio,
} from '#contracts';
import { buildDeployment, type StabilityOf } from '../build-deployment.js';
import type { DeploymentJudge } from './deployment-judge.port.js';
import type { MadeDeployment } from './deployment-repository.port.js';

export interface Measured {
  readonly actor: Actor;
  readonly id: string;
  readonly at: Date;
  readonly model: string;
  readonly version: number;
  /** All that the version has. */
  readonly ratios: readonly VersionRatio[];
  readonly device: Device;
  /** Of the table. */
  readonly calibration: Calibration;
  /** Of the version's own subnets. */
  readonly table: LatencyTable;
}

/**
 * The deployment that measurements of a version's own subnets make: at every point that was measured the best of the ratios measured
 * there.
 * @throws AppError latency_table_unusable where a point lacks the dense network, or no ratio that was measured is one of the version's
 */
export function measuredDeployment(
  measured: Measured,
  judge: Pick<DeploymentJudge, 'verify'>,
  stabilityOf: StabilityOf,
): MadeDeployment {
  const { calibration, device, ratios } = measured;
  const table = withRatios(measured.table, ratios);
  // What was not measured may be calibrated, but there is nothing to verify it by.
  const choices = calibration.choices.filter(({ interpolated }) => !interpolated);
  for (const { operatingPoint } of choices) requireDense(table, operatingPoint);
  const points = judge.verify(calibration, table, device);
  const deployment = buildDeployment({
    ...measured,
    calibration: { ...calibration, choices },
    ...{ verifications: [table], points, stabilityOf },
  });
  return { calibration, deployment };
}

/** A table may have cells of ratios that were dropped before the version was published. */
function withRatios(table: LatencyTable, ratios: readonly VersionRatio[]): LatencyTable {
  const known = new Set(ratios.map(({ ratio }) => ratio));
  return { ...table, cells: table.cells.filter(({ ratio }) => known.has(ratio)) };
}

function requireDense({ id, cells }: LatencyTable, operatingPoint: string): void {
  if (cells.some((cell) => cell.operatingPoint === operatingPoint && cell.ratio === 0)) return;
  const detail = `latency table "${id}" has no cell of the dense network at "${operatingPoint}", which deployments compare with`;
  throw new AppError('latency_table_unusable', detail);
}
