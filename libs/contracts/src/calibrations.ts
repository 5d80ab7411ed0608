import { z } from 'zod';
import { Audit, Id, Ratio } from './common.js';
import { VersionReference } from './version-reference.js';

export const CalibrationTarget = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('latency'), latencyMs: z.number().positive() }),
  z.strictObject({ kind: z.literal('fastest-at-ratio'), ratio: Ratio.default(0) }),
  z
    .strictObject({ kind: z.literal('auto'), maxRatio: z.number().min(0.01).max(0.95).default(0.7) })
    .describe(
      'the latency that leaves the least spread with no ratio above the limit; none above it is chosen',
    ),
]);
export type CalibrationTarget = z.infer<typeof CalibrationTarget>;

export const CalibrationMode = z
  .enum(['stable', 'deadline'])
  .describe(
    'stable: as near to the target as possible; deadline: the smallest ratio whose latency stays below the target, ' +
      'interval included',
  );
export type CalibrationMode = z.infer<typeof CalibrationMode>;

/** Accuracy of a trained subnet. */
export const RatioAccuracy = z.strictObject({ ratio: Ratio, accuracy: z.number().min(0).max(1) });
export type RatioAccuracy = z.infer<typeof RatioAccuracy>;

const RatioAccuracies = z
  .array(RatioAccuracy)
  .min(1)
  .max(100)
  .refine((all) => all.every(({ ratio }, i) => i === 0 || ratio > all[i - 1]!.ratio), {
    message: 'expected ascending ratios without duplicates',
  })
  .describe(
    'of trained subnets; between them accuracy is taken to be linear, beyond them that of the nearest',
  );

/** What a calibration may be asked for, beside target, tolerance and mode. */
const CalibrationLimits = z.strictObject({
  maxRatio: z.number().min(0.01).max(0.95).optional().describe('no larger ratio is chosen'),
  maxTrainedRatios: z
    .number()
    .int()
    .min(1)
    .max(16)
    .optional()
    .describe(
      'at most so many ratios are trained: 0, from 3 on one beyond the chosen ones, and those merged to what is left; says ' +
        'what that costs',
    ),
  accuracies: RatioAccuracies.optional(),
  version: VersionReference.optional().describe('a version of a model, for the accuracies of its ratios'),
});

export const CreateCalibration = z
  .strictObject({
    latencyTableId: Id,
    target: CalibrationTarget.default({ kind: 'fastest-at-ratio', ratio: 0 }),
    tolerance: z
      .number()
      .min(0.001)
      .max(1)
      .default(0.05)
      .describe('relative distance from the target allowed'),
    mode: CalibrationMode.default('stable'),
    ...CalibrationLimits.shape,
    save: z
      .boolean()
      .default(false)
      .describe('true: stored, for jobs to take their ratios from; otherwise a preview that stores nothing'),
  })
  .refine(({ accuracies, version }) => accuracies === undefined || version === undefined, {
    message: 'expected accuracies or a version that has them, not both',
    path: ['accuracies'],
  });
export type CreateCalibration = z.infer<typeof CreateCalibration>;

/** max/min, variance (ms squared) and coefficient of variation of the p50 latency over operating points. */
export const Stability = z.object({ spread: z.number(), varianceMs2: z.number(), cov: z.number() });
export type Stability = z.infer<typeof Stability>;

/** Why no ratio holds the target at an operating point. */
export const CalibrationMiss = z.object({
  bound: z
    .enum(['faster', 'step', 'uncertainty', 'overhead', 'memory', 'compute'])
    .describe(
      'faster: the dense network is faster than the target; step: latency falls past it from one ratio to the next; ' +
        'uncertainty: expected below the deadline, but the interval ends behind it; overhead: what pruning does not shorten ' +
        'is most of what is left at the largest ratio, or longer than the target by itself; memory: most of what is left ' +
        'does not follow the core clock; compute: a larger ratio than those measured or allowed could do',
    ),
  nearestMs: z.number().describe('nearest latency that the point can reach'),
  nearestRatio: Ratio,
  floorMs: z.number().describe('what a fit of the table leaves at this point when all MACs are gone'),
  message: z.string(),
});
export type CalibrationMiss = z.infer<typeof CalibrationMiss>;

export const CalibrationChoice = z.object({
  operatingPoint: z.string(),
  ratio: Ratio,
  predictedMs: z.number(),
  predictedLowMs: z.number().describe('95 % interval of the prediction'),
  predictedHighMs: z.number(),
  slackMs: z.number().describe('what the prediction leaves of the target; under `deadline` its upper end'),
  denseMs: z.number(),
  accuracy: z.number().optional().describe('where accuracies were given'),
  feasible: z
    .boolean()
    .describe('whether the prediction is within the tolerance of the target; under `deadline`, below it'),
  miss: CalibrationMiss.optional().describe('of an infeasible point'),
  interpolated: z
    .literal(true)
    .optional()
    .describe('the table has no cell of the point: its latencies are those between points that it has'),
});
export type CalibrationChoice = z.infer<typeof CalibrationChoice>;

export const CalibrationResult = z.object({
  targetMs: z.number(),
  tolerance: z.number(),
  mode: CalibrationMode,
  choices: z.array(CalibrationChoice),
  unmeasuredPoints: z
    .array(z.string())
    .default([])
    .describe(
      'operating points of the device without a choice: the table has no cell of them, and their clocks do not let them ' +
        'be predicted from others',
    ),
  ratios: z
    .array(Ratio)
    .describe(
      'the ratio schedule to train, ascending: 0, every chosen ratio (or merged one), and where the table reaches so far one ' +
        'beyond them, so that the slowest point can be moved when trained networks are slower than their proxies',
    ),
  nearestFeasibleTargetMs: z
    .number()
    .optional()
    .describe('the nearest target that every point can hold, where this one is not and there is one'),
  merged: z
    .object({
      ratios: z.array(Ratio),
      choices: z.array(
        z.object({
          operatingPoint: z.string(),
          ratio: Ratio,
          predictedMs: z.number(),
          feasible: z.boolean().optional().describe('as of a choice; older calibrations do not say it'),
        }),
      ),
      stability: Stability,
    })
    .optional()
    .describe('what every point runs under `maxTrainedRatios`, with the stability that is left'),
  stability: z.object({ dense: Stability, calibrated: Stability }),
});
export type CalibrationResult = z.infer<typeof CalibrationResult>;

export const CalibrationPreview = CalibrationResult.extend({
  deviceId: Id,
  latencyTableId: Id,
  target: CalibrationTarget,
  ...CalibrationLimits.shape,
});
export type CalibrationPreview = z.infer<typeof CalibrationPreview>;

export const Calibration = CalibrationPreview.extend(Audit.shape);
export type Calibration = z.infer<typeof Calibration>;
