import { z } from 'zod';
import { Ratio } from './common.js';

/** Ways to get a network for every ratio of a schedule; docs/method.md describes them. */
export const Method = z.enum(['all-in-one', 'uniform-slimmable', 'independent', 'dense']);
export type Method = z.infer<typeof Method>;

/** Other methods that a job trains beside its own, on the same data, from the same seed, for as many epochs. */
export const ComparisonRequest = z.strictObject({
  methods: z
    .array(Method)
    .min(1)
    .refine((methods) => new Set(methods).size === methods.length, { message: 'expected no method twice' })
    .describe('trained after the job’s own one; their networks are evaluated and not kept'),
});
export type ComparisonRequest = z.infer<typeof ComparisonRequest>;

/** What one method achieved. */
export const MethodResult = z.object({
  method: Method,
  ratios: z.array(
    z.object({
      ratio: Ratio,
      accuracy: z.number().describe('top-1 on the test images, 0..1'),
      macs: z.number().int(),
      parameters: z.number().int(),
      derived: z.boolean(),
    }),
  ),
  trainingMacs: z.number().describe('multiply-accumulates of all training steps'),
  trainingSeconds: z.number(),
  failure: z
    .string()
    .optional()
    .describe('why a training of the method ended early: what it would have given is missing'),
});
export type MethodResult = z.infer<typeof MethodResult>;

/** All methods of a job, its own first. */
export const Comparison = z.object({ methods: z.array(MethodResult) });
export type Comparison = z.infer<typeof Comparison>;
