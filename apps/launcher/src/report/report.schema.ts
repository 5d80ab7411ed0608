import { z } from 'zod';
import {
  Calibration,
  Dataset,
  DeploymentPoint,
  Device,
  LatencySummary,
  LatencyTable,
  TrainedVersion,
  SampledLatencyCell,
  SampleProvenance,
  Stability,
  TrainingOptions,
} from '#contracts';

export const REPORT_FORMAT = 'isochron-demo-report/1';

const Machine = z.object({
  cpuModel: z.string(),
  cores: z.number().int(),
  memoryBytes: z.number().int(),
  platform: z.string(),
  arch: z.string(),
});

/**
 * One operating point with the ratio chosen for it: the dense network against the calibrated one, both measured after
 * training. The raw samples are in the cells of `verification`, or of `adjustments` where the ratio was moved.
 */
const ReportPoint = DeploymentPoint.extend({
  proxyMs: z
    .object({ dense: z.number(), calibrated: z.number() })
    .describe('what the calibration expected, from proxy networks measured before training'),
});
export type ReportPoint = z.infer<typeof ReportPoint>;

export const StepTiming = z.object({ step: z.string(), seconds: z.number() });
export type StepTiming = z.infer<typeof StepTiming>;

const MeasuredTableCell = SampledLatencyCell.extend({
  summary: LatencySummary,
  provenance: SampleProvenance,
});
export type MeasuredTableCell = z.infer<typeof MeasuredTableCell>;

/** A latency table of a measuring task, with the samples of every cell. */
export const MeasuredTable = LatencyTable.extend({ cells: z.array(MeasuredTableCell) });
export type MeasuredTable = z.infer<typeof MeasuredTable>;

/** Everything the demo found, with where every figure came from. Resources are as the API gave them. */
export const DemoReport = z.object({
  format: z.literal(REPORT_FORMAT),
  createdAt: z.iso.datetime(),
  command: z.string(),
  versions: z.record(z.string(), z.string()),
  machine: Machine,
  queue: z.enum(['postgres', 'redis']),
  emulated: z.boolean().describe('true when any latency was measured on an emulated clock'),
  device: Device,
  dataset: Dataset,
  jobId: z.string(),
  training: TrainingOptions,
  version: TrainedVersion,
  points: z.array(ReportPoint).min(1),
  stability: z.object({
    dense: Stability,
    calibrated: Stability,
    spreadReduction: z.number().describe('dense spread over calibrated spread'),
    varianceReduction: z
      .number()
      .nullable()
      .describe('dense variance over calibrated variance; null where the latter is 0'),
  }),
  calibration: Calibration,
  profile: MeasuredTable.describe('proxy networks, before training'),
  profileCells: z
    .object({
      measured: z.number().int(),
      grid: z.number().int().describe('operating points x ratios that could be measured'),
      savedShare: z.number().describe('share of the grid that was not measured'),
    })
    .describe('cells that settled the choices, against the full grid'),
  verification: MeasuredTable.describe('the trained networks'),
  adjustments: z
    .array(MeasuredTable)
    .describe('ratios that were moved since they missed the target, round by round'),
  timings: z.array(StepTiming),
});
export type DemoReport = z.infer<typeof DemoReport>;
