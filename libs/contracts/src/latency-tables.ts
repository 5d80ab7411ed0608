import { z } from 'zod';
import { Audit, Id, PageQuery, Ratio, Sha256, WidthsSchema } from './common.js';
import { LatencySummary, SampleProvenance } from './measuring.js';

/** Formats that a latency table is imported from. */
export const ImportFormat = z.enum([
  'csv',
  'csv-mapped',
  'tflite-benchmark',
  'onnxruntime-perf-test',
  'triton-perf-analyzer',
]);
export type ImportFormat = z.infer<typeof ImportFormat>;

/** What a file states of a cell whose samples it does not have, in milliseconds; what it does not state is not there. */
export const StatedSummary = z.object({
  stated: z.literal(true).describe('as the file has it: there are no samples to check it by'),
  p50Ms: z.number(),
  p50Is: z
    .enum(['median', 'mean'])
    .describe('mean: the file states no median, and its mean stands in for it'),
  n: z.number().int().optional().describe('runs behind the figures'),
  p90Ms: z.number().optional(),
  p95Ms: z.number().optional(),
  p99Ms: z.number().optional(),
  meanMs: z.number().optional(),
  stdMs: z.number().optional(),
  minMs: z.number().optional(),
  maxMs: z.number().optional(),
});
export type StatedSummary = z.infer<typeof StatedSummary>;

/** Of samples, or as an imported file states it. */
export const CellSummary = z.union([LatencySummary, StatedSummary]);
export type CellSummary = z.infer<typeof CellSummary>;

/** What an import may state of how its cells were measured; of measured cells the agent says it. */
const StatedProvenance = SampleProvenance.pick({
  ...{ runner: true, runnerVersion: true, networkDigest: true },
  ...{ governor: true, throttled: true, measuredAt: true },
}).partial();

/** Where an imported cell comes from. */
export const ImportedProvenance = z.strictObject({
  kind: z.literal('imported'),
  format: ImportFormat,
  file: z.string(),
  lines: z
    .strictObject({ first: z.number().int(), last: z.number().int() })
    .describe('lines of the file that the cell was read from, the outermost of them'),
  threads: z.number().int().optional().describe('not there: neither the file nor the request says it'),
  batch: z.number().int().optional().describe('not there: neither the file nor the request says it'),
  emulated: z.boolean().optional().describe('not there: nobody said whether the clock was emulated'),
  ...StatedProvenance.shape,
});
export type ImportedProvenance = z.infer<typeof ImportedProvenance>;

export const CellProvenance = z.union([SampleProvenance, ImportedProvenance]);
export type CellProvenance = z.infer<typeof CellProvenance>;

/** One operating point x one ratio of a table. */
export const LatencyCell = z.object({
  index: z.number().int(),
  operatingPoint: z.string(),
  ratio: Ratio,
  widths: WidthsSchema.optional().describe('kept channels; imported tables do not know them'),
  macs: z.number().int().optional(),
  sampleCount: z.number().int().describe('0 where the file states a summary alone'),
  summary: CellSummary,
  provenance: CellProvenance,
});
export type LatencyCell = z.infer<typeof LatencyCell>;

/** A cell with its samples: milliseconds per run of one batch, in the order measured or written in the file. */
export const SampledLatencyCell = LatencyCell.extend({ samplesMs: z.array(z.number()) });
export type SampledLatencyCell = z.infer<typeof SampledLatencyCell>;

/** What is odd about a table and accepted as it is. Comparisons are of p50 latencies. */
export const LatencyTableMark = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('missing-cells').describe('the operating point lacks ratios that others have'),
    operatingPoint: z.string(),
    ratios: z.array(Ratio),
  }),
  z.object({
    kind: z.literal('throttled').describe('the device slowed itself down while these cells were measured'),
    operatingPoint: z.string(),
    ratios: z.array(Ratio),
  }),
  z.object({
    kind: z
      .literal('drifted')
      .describe('the device was not as at the beginning while these cells were measured'),
    operatingPoint: z.string(),
    cells: z.array(
      z.object({
        ratio: Ratio,
        drift: z.number().describe('relative change of the reference cell: 0.05 is 5 % slower'),
      }),
    ),
  }),
  z.object({
    kind: z
      .literal('slower-at-higher-clock')
      .describe('the point is slower than another one of lower clocks'),
    ratio: Ratio,
    operatingPoint: z.string(),
    p50Ms: z.number(),
    than: z.object({ operatingPoint: z.string(), p50Ms: z.number() }),
  }),
  z.object({
    kind: z.literal('slower-at-higher-ratio').describe('removing more made the network slower'),
    operatingPoint: z.string(),
    ratio: Ratio,
    p50Ms: z.number(),
    than: z.object({ ratio: Ratio, p50Ms: z.number() }),
  }),
]);
export type LatencyTableMark = z.infer<typeof LatencyTableMark>;

export const LatencyTableSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('measured'), measuringTaskId: Id }),
  z.object({
    kind: z.literal('imported'),
    format: ImportFormat,
    files: z.array(z.object({ name: z.string(), digest: Sha256, bytes: z.number().int() })),
  }),
]);
export type LatencyTableSource = z.infer<typeof LatencyTableSource>;

/** A table without its cells, as lists have it. Immutable: a device that is measured again gets another table. */
export const LatencyTableHeader = Audit.extend({
  deviceId: Id,
  version: z.number().int().min(1).describe('1, 2, ... per device'),
  source: LatencyTableSource,
  measuringTaskId: Id.optional(),
  purpose: z.enum(['profile', 'verify']),
  jobId: Id.optional(),
  emulated: z.boolean().describe('true when any cell is known to be of an emulated clock'),
  cellCount: z.number().int(),
  sampleCount: z.number().int().describe('of all cells'),
  marks: z.array(LatencyTableMark).describe('what is odd about the table: the first 100'),
  markCount: z.number().int().describe('all of them'),
});
export type LatencyTableHeader = z.infer<typeof LatencyTableHeader>;

/** A table with its cells, which come without their samples. */
export const LatencyTable = LatencyTableHeader.extend({ cells: z.array(LatencyCell) });
export type LatencyTable = z.infer<typeof LatencyTable>;

/** Query of GET /v1/latency-tables. */
export const ListLatencyTables = PageQuery.extend({ deviceId: Id.optional() });
export type ListLatencyTables = z.infer<typeof ListLatencyTables>;
