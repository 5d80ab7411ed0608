import { z } from 'zod';
import { Ratio, Sha256, Timestamp } from './common.js';

/** What the files do not say and holds for all of them. */
const common = {
  threads: z.number().int().min(1).max(64).optional(),
  batch: z.number().int().min(1).max(1024).optional().describe('images in one run of the network'),
  emulated: z
    .boolean()
    .optional()
    .describe('whether the clocks were emulated; a point with emulatedCpuShare is, where this is left out'),
  runner: z.string().min(1).max(100).optional().describe('what ran the network: tflite, say'),
  runnerVersion: z.string().min(1).max(50).optional(),
  governor: z.string().min(1).max(100).optional().describe('of the clock that was set'),
  throttled: z.boolean().optional().describe('whether the device slowed itself down while it was measured'),
  measuredAt: Timestamp.optional(),
  networkDigests: z
    .array(z.strictObject({ ratio: Ratio, digest: Sha256 }))
    .min(1)
    .max(50)
    .refine((all) => new Set(all.map(({ ratio }) => ratio)).size === all.length, {
      message: 'expected each ratio once',
    })
    .optional()
    .describe('SHA-256 of the file that was run, for each ratio whose file is known'),
};

const Column = z.string().min(1).max(200).describe("a column's name in the file's first line");
export const ClockUnit = z.enum(['Hz', 'kHz', 'MHz', 'GHz']);
export type ClockUnit = z.infer<typeof ClockUnit>;
export const LatencyUnit = z.enum(['ns', 'us', 'ms', 's']);
export type LatencyUnit = z.infer<typeof LatencyUnit>;

/** Says the operating point of a line: by its name, or by the one clock that differs. */
export const OperatingPointColumn = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('name'), column: Column }),
  z.strictObject({
    by: z.literal('clock'),
    column: Column,
    clock: z.enum(['cpuHz', 'gpuHz', 'memHz']).describe("the clock of the device's operating points"),
    unit: ClockUnit,
  }),
]);
export type OperatingPointColumn = z.infer<typeof OperatingPointColumn>;

/** Says the ratio of a line: as a number, by the name of a model, or the same for all lines. */
export const RatioColumn = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('value'), column: Column }),
  z.strictObject({
    by: z.literal('model'),
    column: Column,
    models: z
      .record(z.string().min(1).max(200), Ratio)
      .refine((models) => Object.keys(models).length > 0, { message: 'expected at least one model' }),
    others: z
      .enum(['refuse', 'leave-out'])
      .default('refuse')
      .describe('what becomes of lines of models that are not named'),
  }),
  z.strictObject({ by: z.literal('constant'), ratio: Ratio }),
]);
export type RatioColumn = z.infer<typeof RatioColumn>;

const MappedColumns = z.strictObject({
  operatingPoint: OperatingPointColumn,
  ratio: RatioColumn,
  latency: z.strictObject({
    column: Column,
    unit: LatencyUnit,
    is: z
      .enum(['sample', 'mean', 'median'])
      .default('sample')
      .describe('mean, median: one line per cell, which then has no samples'),
  }),
});

const place = {
  file: z.string().min(1).max(255).describe('name of an uploaded file'),
  operatingPoint: z.string().min(1).max(63),
  ratio: Ratio,
};
/** Which cell a log is of. */
export const ImportedLog = z.strictObject(place);
export type ImportedLog = z.infer<typeof ImportedLog>;

/** Which cell a row of a report is of. */
export const TritonReport = z.strictObject({
  ...place,
  load: z
    .number()
    .positive()
    .optional()
    .describe('Concurrency or Request Rate of the row to take; may be left out where there is one row'),
});
export type TritonReport = z.infer<typeof TritonReport>;

const MAX_LOGS = 10_000;
const logsOf = <T extends z.ZodType>(log: T) => z.array(log).min(1).max(MAX_LOGS);

/** The JSON part `options` of POST /v1/devices/{id}/latency-tables; the files are parts named `file`. */
export const ImportLatencyTable = z.discriminatedUnion('format', [
  z.strictObject({ format: z.literal('csv'), ...common }),
  z.strictObject({
    format: z.literal('csv-mapped'),
    delimiter: z.enum([',', ';', '\t', '|']).default(','),
    columns: MappedColumns,
    ...common,
  }),
  z.strictObject({ format: z.literal('tflite-benchmark'), logs: logsOf(ImportedLog), ...common }),
  z.strictObject({ format: z.literal('onnxruntime-perf-test'), logs: logsOf(ImportedLog), ...common }),
  z.strictObject({ format: z.literal('triton-perf-analyzer'), logs: logsOf(TritonReport), ...common }),
]);
export type ImportLatencyTable = z.infer<typeof ImportLatencyTable>;
