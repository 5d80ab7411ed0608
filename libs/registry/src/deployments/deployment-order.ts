import {
  unknownReference,
  type Actor,
  type Calibration,
  type CreateDeployment,
  type DeploymentOrder,
} from '#contracts';
import { invalid } from '../addenda/check-addendum.js';
import type { DeploymentSources } from './deployment-judge.port.js';

const USUAL_TOLERANCE = 0.05;

type Asked = Pick<CreateDeployment, 'target' | 'tolerance' | 'mode'>;

/** What a deployment is to hold: what is asked for, else what a calibration held, else what the dense network does. */
export function orderOf(
  { model, version }: Pick<DeploymentOrder, 'model' | 'version'>,
  { target, tolerance, mode }: Asked,
  before: Calibration | undefined,
): DeploymentOrder {
  const promised = before && ({ kind: 'latency', latencyMs: before.targetMs } as const);
  return {
    ...{ model, version },
    target: target ?? promised ?? { kind: 'fastest-at-ratio', ratio: 0 },
    tolerance: tolerance ?? before?.tolerance ?? USUAL_TOLERANCE,
    mode: mode ?? before?.mode ?? 'stable',
  };
}

/** @throws AppError invalid_request (naming calibrationId) for one that is not there, or of another device */
export async function calibrationOf(
  actor: Actor,
  { calibrationId, deviceId }: { calibrationId: string; deviceId: string },
  sources: Pick<DeploymentSources, 'calibration'>,
): Promise<Calibration> {
  const calibration = await sources.calibration(actor, calibrationId);
  if (calibration === undefined) throw unknownReference('calibrationId', calibrationId, 'calibration');
  if (calibration.deviceId === deviceId) return calibration;
  const expected = `a calibration of device "${deviceId}"; this one is of "${calibration.deviceId}"`;
  throw invalid('calibrationId', calibrationId, expected);
}
