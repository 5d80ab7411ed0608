import type { Deployment, DriftDirection } from '#contracts';
import type { WebhookEvent } from './webhook-event.js';

export interface DriftedPoint {
  readonly operatingPoint: string;
  readonly drifted: DriftDirection;
  /** When the latencies that raised the alarm were measured. */
  readonly driftedAt: Date;
}

/** What webhooks are told when an operating point of a deployment has to be measured again. */
export function driftWebhookEvent(
  { id, teamId, model, version, deviceId, deviceName }: Deployment,
  { operatingPoint, drifted, driftedAt }: DriftedPoint,
  now: Date,
): WebhookEvent {
  return {
    teamId,
    key: `drift/${id}/${operatingPoint}`,
    type: 'device.recalibration_needed',
    at: now.toISOString(),
    data: {
      ...{ deviceId, deviceName, deploymentId: id, model, version, operatingPoint, drifted },
      driftedAt: driftedAt.toISOString(),
    },
  };
}
