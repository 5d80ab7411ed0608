import { z } from 'zod';
import { CalibrationMode, CalibrationTarget } from './calibrations.js';
import { Id, Name } from './common.js';

/** Which version is deployed by what a measuring task finds, and what the deployment is to hold. */
export const DeploymentOrder = z.object({
  model: Name,
  version: z.number().int().min(1),
  target: CalibrationTarget,
  tolerance: z.number(),
  mode: CalibrationMode,
});
export type DeploymentOrder = z.infer<typeof DeploymentOrder>;

/** What came of an order once the device was measured. */
export const DeploymentOutcome = z.union([
  z.object({ deploymentId: Id }),
  z.object({ error: z.object({ code: z.string(), message: z.string() }) }),
]);
export type DeploymentOutcome = z.infer<typeof DeploymentOutcome>;
