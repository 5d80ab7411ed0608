import { z } from 'zod';
import { Id, Name, PageQuery, Timestamp } from './common.js';

/** Query of GET /v1/deployments. */
export const ListDeployments = PageQuery.extend({ deviceId: Id.optional() });
export type ListDeployments = z.infer<typeof ListDeployments>;

/** What a device that runs a deployment took at one operating point. */
export const PostFieldLatencies = z.strictObject({
  operatingPoint: Name,
  latenciesMs: z
    .array(z.number().positive().max(1e7))
    .min(1)
    .max(10_000)
    .describe('milliseconds per run of the batch that the verification measured, in the order measured'),
  measuredAt: Timestamp.optional().describe('when the last of them was measured; left out: now'),
  sequence: z
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe(
      "rises from post to post of an operating point: a post that is not above the point's highest counts no more",
    ),
});
export type PostFieldLatencies = z.infer<typeof PostFieldLatencies>;

export const DriftDirection = z.enum(['slower', 'faster']);
export type DriftDirection = z.infer<typeof DriftDirection>;

/** What the field has said about one operating point of a deployment; once drifted, it is what raised the alarm. */
export const PointDrift = z.object({
  operatingPoint: z.string(),
  predictedMs: z.number().describe('verified p50 of the subnet that runs at this point'),
  blocks: z.number().int().describe('blocks of latencies seen; the median of each is one observation'),
  pending: z.number().int().describe('latencies of the block that is not full yet'),
  evidence: z
    .object({ slower: z.number(), faster: z.number(), needed: z.number() })
    .describe('of a rise and of a fall beyond the tolerance, 1 or less for none, and what an alarm needs'),
  recentMediansMs: z.array(z.number()).describe('of the newest blocks, oldest first'),
  recalibrationNeeded: z.boolean().describe('stays so: the device has to be measured again'),
  drifted: DriftDirection.optional(),
  driftedAt: Timestamp.optional().describe('when the latencies that raised it were measured'),
});
export type PointDrift = z.infer<typeof PointDrift>;

/** How the point stands after a post. */
export const FieldLatencyVerdict = PointDrift.extend({
  deploymentId: Id,
  counted: z
    .boolean()
    .describe('false: this sequence, or a higher one, was counted before, or the point had drifted already'),
});
export type FieldLatencyVerdict = z.infer<typeof FieldLatencyVerdict>;

export const DeploymentDrift = z.object({
  deploymentId: Id,
  deviceId: Id,
  tolerance: z.number().describe('relative distance from `predictedMs` that is no drift'),
  recalibrationNeeded: z.boolean().describe('whether any point has drifted'),
  redeployAt: z
    .string()
    .optional()
    .describe(
      'where a point has drifted: POST `{"deviceId"}` there, and the device is measured again for another deployment',
    ),
  points: z.array(PointDrift).describe("all of the deployment's points, seen in the field or not"),
});
export type DeploymentDrift = z.infer<typeof DeploymentDrift>;
