import { z } from 'zod';
import { CalibrationMode, CalibrationTarget } from './calibrations.js';
import {
  Audit,
  Id,
  ImageInput,
  PageQuery,
  Ratio,
  Sha256,
  Timestamp,
  Waiting,
  WidthsSchema,
} from './common.js';
import { DeploymentOrder, DeploymentOutcome } from './deployment-order.js';
import { OperatingPoint } from './devices.js';
import { NetworkSpec } from './networks.js';

/** How each cell (operating point x ratio) is measured. */
export const MeasuringProtocol = z.strictObject({
  batch: z.number().int().min(1).max(1024).default(64).describe('images in one run of the network'),
  threads: z.number().int().min(1).max(64).default(1),
  warmupSamples: z
    .number()
    .int()
    .min(0)
    .max(1000)
    .default(2)
    .describe('at least as many samples are dropped, and up to five times as many until latency is steady'),
  samples: z.number().int().min(3).max(10_000).default(12).describe('samples kept per cell, at least'),
  minSampleMs: z
    .number()
    .min(0)
    .max(60_000)
    .default(60)
    .describe(
      'a sample is as many runs as last this long at the fastest operating point; latency is per run',
    ),
  relativeInterval: z
    .number()
    .min(0)
    .max(1)
    .default(0.02)
    .describe(
      'a cell has samples enough when the 95 % interval of its median is this narrow, relative to it',
    ),
  maxSamples: z
    .number()
    .int()
    .min(3)
    .max(10_000)
    .default(60)
    .describe('no more samples than this per cell (but always `samples` of them)'),
  cellSeconds: z.number().min(0).max(3600).default(30).describe('no further samples after this long'),
  referenceEveryCells: z
    .number()
    .int()
    .min(0)
    .max(1000)
    .default(10)
    .describe(
      'the reference cell (first point, least pruned) is measured again after so many cells; 0: never',
    ),
  referenceEveryMinutes: z.number().min(0.1).max(1440).default(10).describe('and at least this often'),
  driftLimit: z
    .number()
    .min(0.001)
    .max(1)
    .default(0.03)
    .describe('a relative change of the reference cell beyond this is drift'),
  coolDownSeconds: z
    .number()
    .min(0)
    .max(3600)
    .default(60)
    .describe(
      'how long a device that drifted or throttled is left alone at a time, at most three times in a row',
    ),
});
export type MeasuringProtocol = z.infer<typeof MeasuringProtocol>;

const uniqueRatios = z
  .array(Ratio)
  .min(1)
  .max(50)
  .refine((r) => new Set(r).size === r.length, { message: 'expected ratios without duplicates' });

/** Of one cell's samples, in milliseconds; the interval is of the median, at 95 %. */
export const LatencySummary = z.object({
  n: z.number().int(),
  p50Ms: z.number(),
  p90Ms: z.number(),
  p99Ms: z.number(),
  meanMs: z.number(),
  stdMs: z.number(),
  p50LowMs: z.number(),
  p50HighMs: z.number(),
});
export type LatencySummary = z.infer<typeof LatencySummary>;

/** Which cells of the grid operating points x ratios are measured. */
export const CellSelection = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z
    .strictObject({
      kind: z.literal('adaptive'),
      target: CalibrationTarget.default({ kind: 'fastest-at-ratio', ratio: 0 }),
      tolerance: z.number().min(0.001).max(1).default(0.05),
      mode: CalibrationMode.default('stable'),
    })
    .describe(
      'one after the other, each chosen by what it tells about the ratios that a calibration for this target would choose; ' +
        'ends when those are settled',
    ),
]);
export type CellSelection = z.infer<typeof CellSelection>;

/** Asks for a latency table of a network with random weights and uniform widths, a proxy for learned widths. */
export const CreateMeasuringTask = z
  .strictObject({
    deviceId: Id,
    network: NetworkSpec,
    input: ImageInput,
    classes: z.number().int().min(2).max(100_000),
    ratios: uniqueRatios,
    channelMultiple: z
      .number()
      .int()
      .min(1)
      .max(64)
      .default(4)
      .describe('kept channels are rounded up to a multiple of this; take what the training will take'),
    selection: CellSelection.default({ kind: 'all' }),
    protocol: MeasuringProtocol.prefault({}),
  })
  .superRefine(({ ratios, selection }, context) => {
    for (const { path, message } of selectionFaults(selection, ratios)) {
      context.addIssue({ code: 'custom', path, message });
    }
  });
export type CreateMeasuringTask = z.infer<typeof CreateMeasuringTask>;

/** Why an adaptive selection could not choose among these ratios; it compares with the dense network, which is ratio 0. */
function selectionFaults(
  selection: CellSelection,
  ratios: readonly number[],
): { path: string[]; message: string }[] {
  if (selection.kind !== 'adaptive') return [];
  const { target } = selection;
  const largest = Math.max(...ratios);
  const faults: { path: string[]; message: string }[] = [];
  if (!ratios.includes(0)) {
    const message = 'expected 0 (the dense network) among the ratios of an adaptive selection';
    faults.push({ path: ['ratios'], message });
  }
  if (target.kind === 'fastest-at-ratio' && target.ratio > largest) {
    const message = `expected a ratio from 0 to ${largest}, the largest of ratios`;
    faults.push({ path: ['selection', 'target', 'ratio'], message });
  }
  return faults;
}

/** One network to measure: an ONNX file by digest. */
export const MeasuredSubnet = z.object({
  ratio: Ratio,
  widths: WidthsSchema,
  macs: z.number().int(),
  parameters: z.number().int(),
  onnx: z.object({ digest: Sha256, bytes: z.number().int(), url: z.string() }),
});
export type MeasuredSubnet = z.infer<typeof MeasuredSubnet>;

export const MeasuringCell = z.object({
  index: z.number().int().min(0),
  operatingPoint: z.string(),
  ratio: Ratio,
});
export type MeasuringCell = z.infer<typeof MeasuringCell>;

export const MeasuringTaskState = z.enum(['queued', 'leased', 'completed', 'failed', 'cancelled']);

export const MeasuringTask = Audit.extend({
  deviceId: Id,
  purpose: z
    .enum(['profile', 'verify'])
    .describe('profile: proxy widths before training; verify: trained networks'),
  jobId: Id.optional(),
  state: MeasuringTaskState,
  input: ImageInput,
  protocol: MeasuringProtocol,
  operatingPoints: z.array(OperatingPoint),
  subnets: z.array(MeasuredSubnet),
  cells: z.array(MeasuringCell).describe('under an adaptive selection not all of them are measured'),
  selection: CellSelection.default({ kind: 'all' }),
  cellsDone: z.number().int(),
  latencyTableId: Id.optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  deploys: DeploymentOrder.optional().describe(
    'the version whose subnets are measured, to be deployed by that',
  ),
  deployed: DeploymentOutcome.optional().describe('what came of it once all was measured'),
  leaseExpiresAt: Timestamp.optional(),
  waiting: Waiting.optional().describe('why its agent measures nothing for now'),
});
export type MeasuringTask = z.infer<typeof MeasuringTask>;

/** Query of GET /v1/measuring-tasks: what is given must all hold of a task. */
export const ListMeasuringTasks = PageQuery.extend({
  deviceId: Id.optional(),
  state: MeasuringTaskState.optional(),
  jobId: Id.optional(),
});
export type ListMeasuringTasks = z.infer<typeof ListMeasuringTasks>;

export const LeaseRequest = z.strictObject({
  deviceId: Id,
  agent: z.strictObject({ name: z.string().min(1).max(200), version: z.string().min(1).max(50) }),
  waitSeconds: z.number().min(0).max(30).default(20).describe('long poll: 204 when no task came in time'),
});
export type LeaseRequest = z.infer<typeof LeaseRequest>;

const DoneMedian = LatencySummary.pick({ p50Ms: true, p50LowMs: true, p50HighMs: true }).extend({
  index: z.number().int(),
  n: z.number().int().optional().describe('samples behind it'),
});

/** A task held by one agent; `doneCells` were uploaded under an earlier lease and need no second measurement. */
export const LeasedTask = MeasuringTask.extend({
  leaseToken: z.string(),
  doneCells: z.array(z.number().int()),
  doneMedians: z
    .array(DoneMedian)
    .default([])
    .describe('what those have shown: an adaptive selection goes on from it'),
});
export type LeasedTask = z.infer<typeof LeasedTask>;

export const LeaseProof = z.strictObject({ leaseToken: z.string().min(1).max(200) });
export type LeaseProof = z.infer<typeof LeaseProof>;

export const ExtendLease = LeaseProof.extend({
  waiting: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe('why the agent measures nothing for now; left out, it measures'),
});
export type ExtendLease = z.infer<typeof ExtendLease>;

export const LeaseExtension = z.object({ leaseExpiresAt: Timestamp });
export type LeaseExtension = z.infer<typeof LeaseExtension>;

/** How many samples a cell needed, and what ended the sampling. */
export const SamplingRecord = z.strictObject({
  endedBy: z.enum(['interval', 'max-samples', 'cell-seconds']),
  relativeInterval: z
    .number()
    .min(0)
    .describe('width of the 95 % interval of the median, relative to the median'),
  warmupSamples: z.number().int().min(0).describe('samples dropped while it warmed up'),
  steady: z.boolean().describe('whether latency was steady when warming up ended'),
});
export type SamplingRecord = z.infer<typeof SamplingRecord>;

/** How the samples of one cell came to be. */
export const SampleProvenance = z.strictObject({
  agentVersion: z.string().max(50),
  runner: z.string().max(100).describe('onnxruntime-node, say'),
  runnerVersion: z.string().max(50),
  threads: z.number().int().min(1),
  batch: z.number().int().min(1),
  runsPerSample: z.number().int().min(1),
  networkDigest: Sha256,
  emulated: z.boolean(),
  clockController: z.enum([
    'cgroup-v1-quota',
    'cgroup-v2-quota',
    'duty-cycle',
    'cpufreq',
    'devfreq',
    'tuple',
    'recorded',
  ]),
  requestedCpuShare: z.number().optional(),
  clockReadBackHz: z.number().optional().describe('what the CPU said it ran at, right after sampling'),
  gpuReadBackHz: z.number().optional(),
  memReadBackHz: z.number().optional(),
  governor: z.string().max(100).optional(),
  temperatureBeforeC: z.number().optional(),
  temperatureAfterC: z.number().optional(),
  throttled: z
    .boolean()
    .optional()
    .describe('whether the device slowed itself down meanwhile; absent where nothing tells'),
  sampling: SamplingRecord.optional(),
  attempts: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('times measured until the clock stayed where it was set'),
  drift: z
    .number()
    .optional()
    .describe(
      'relative change of the reference cell, where the device was not as at the beginning: 0.05 is 5 % slower',
    ),
  machine: z.strictObject({
    cpuModel: z.string().max(200),
    cores: z.number().int(),
    platform: z.string().max(50),
    arch: z.string().max(50),
  }),
  measuredAt: Timestamp,
});
export type SampleProvenance = z.infer<typeof SampleProvenance>;

export const UploadCell = LeaseProof.extend({
  samplesMs: z
    .array(z.number().positive().max(1e7))
    .min(1)
    .max(100_000)
    .describe('milliseconds per run of one batch, in the order measured'),
  provenance: SampleProvenance,
});
export type UploadCell = z.infer<typeof UploadCell>;

export const FailTask = LeaseProof.extend({
  error: z.strictObject({ code: z.string().min(1).max(100), message: z.string().min(1).max(2000) }),
});
export type FailTask = z.infer<typeof FailTask>;
