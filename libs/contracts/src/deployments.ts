import { z } from 'zod';
import { CalibrationMode, CalibrationTarget } from './calibrations.js';
import { Id, pageOf, Ratio } from './common.js';
import { MeasuringProtocol } from './measuring.js';
import { Deployment } from './models.js';

/** Asks for a deployment of a version: has its subnets measured first, or takes measurements that are there. */
export const CreateDeployment = z
  .strictObject({
    deviceId: Id,
    latencyTableId: Id.optional().describe(
      "measurements of the version's own subnets on the device that are there already; left out, the device measures",
    ),
    calibrationId: Id.optional().describe(
      'takes target, tolerance and mode from a calibration of the device',
    ),
    target: CalibrationTarget.optional().describe(
      'default: the latency of the newest deployment of the version on the device, else that of the dense network at the ' +
        'fastest point',
    ),
    tolerance: z.number().min(0.001).max(1).optional().describe('default: as the target, else 0.05'),
    mode: CalibrationMode.optional().describe('default: as the target, else `stable`'),
    ratios: z
      .array(Ratio)
      .min(1)
      .max(50)
      .refine((ratios) => new Set(ratios).size === ratios.length, {
        message: 'expected ratios without duplicates',
      })
      .optional()
      .describe('that are measured, and the dense network with them; default: all that the version has'),
    protocol: MeasuringProtocol.optional().describe(
      'default: as the newest deployment of the version on the device was measured',
    ),
  })
  .superRefine(({ latencyTableId, calibrationId, target, ratios, protocol }, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (calibrationId !== undefined && target !== undefined)
      refuse('target', 'expected none beside calibrationId, which has one');
    if (latencyTableId === undefined) return;
    const message = 'expected none beside latencyTableId: nothing is measured then';
    if (ratios !== undefined) refuse('ratios', message);
    if (protocol !== undefined) refuse('protocol', message);
  });
export type CreateDeployment = z.infer<typeof CreateDeployment>;

/** A deployment among those of its version. */
export const VersionDeployment = Deployment.extend({
  current: z.boolean().describe('the newest of the version on its device'),
});
export type VersionDeployment = z.infer<typeof VersionDeployment>;

export const VersionDeploymentPage = pageOf(VersionDeployment);
