import { z } from 'zod';
import { CalibrationMode, Stability } from './calibrations.js';
import { Id, Name, Ratio, Sha256, Timestamp } from './common.js';
import { OperatingPoint } from './devices.js';
import { CellProvenance, LatencyTableMark } from './latency-tables.js';
import { LatencySummary } from './measuring.js';
import { AccuracyStated } from './models.js';

/** Changes when a reader of older reports would misread a newer one. */
export const STABILITY_REPORT_FORMAT = 'isochron-stability-report/1';

/** Latency of one subnet at one operating point, with the cell that it comes from. */
export const ReportedLatency = z.object({
  ...LatencySummary.shape,
  onnxDigest: Sha256.optional().describe('of the network file that was measured'),
  cell: z
    .object({
      latencyTableId: Id,
      index: z.number().int(),
      provenance: CellProvenance,
    })
    .optional()
    .describe('not there where the table is gone'),
});
export type ReportedLatency = z.infer<typeof ReportedLatency>;

export const ReportedPoint = z.object({
  operatingPoint: z.string(),
  clocks: OperatingPoint.optional().describe('as the device declares the point'),
  ratio: Ratio,
  accuracy: z.number().optional().describe('top-1 on the test images, 0..1; absent where it is not known'),
  feasible: z.boolean().describe('by the calibration, before training'),
  withinTolerance: z.boolean().describe('as measured'),
  dense: ReportedLatency,
  calibrated: ReportedLatency,
});
export type ReportedPoint = z.infer<typeof ReportedPoint>;

/** A table that the report rests on; one that is gone says no more than its id. */
export const ReportedTable = z.object({
  id: Id,
  purpose: z
    .enum(['profile', 'verify'])
    .describe('profile: the calibration was made of it; verify: it measured this version'),
  version: z.number().int().optional(),
  digest: Sha256.optional().describe('SHA-256 of the canonical JSON (RFC 8785) of its cells'),
  sampleCount: z.number().int().optional(),
  marks: z.array(LatencyTableMark).optional(),
  gone: z.literal(true).optional(),
});

/** How steady one version is on one device. All of it was measured; nothing is predicted. */
export const StabilityReport = z.object({
  format: z.literal(STABILITY_REPORT_FORMAT),
  model: Name,
  version: z.number().int(),
  bundle: z.object({ digest: Sha256, bytes: z.number().int() }),
  addenda: z
    .array(z.object({ digest: Sha256, bytes: z.number().int(), ratios: z.array(Ratio) }))
    .describe('files beside the bundle that brought it further ratios'),
  jobId: Id.optional(),
  dataset: z
    .object({
      id: Id.optional(),
      name: Name.optional(),
      digest: Sha256,
      testImages: z.number().int().optional(),
    })
    .optional(),
  device: z.object({
    id: Id,
    name: z.string(),
    model: z.string().optional(),
    soc: z.string().optional(),
  }),
  deployment: z.object({ id: Id, createdAt: Timestamp, calibrationId: Id }),
  targetMs: z.number(),
  tolerance: z.number().describe('relative distance from the target allowed'),
  mode: CalibrationMode.optional().describe(
    '`deadline`: points are to stay below the target, tolerance or not',
  ),
  emulated: z.boolean().describe('true when any latency was measured under an emulated clock'),
  points: z.array(ReportedPoint),
  accuracyStated: AccuracyStated,
  stability: z.object({
    dense: Stability,
    calibrated: Stability,
    spreadReduction: z.number().describe('spread of the dense network over the calibrated one'),
    varianceReduction: z.number().nullable().describe('the same of variances; null where none is left'),
  }),
  latencyTables: z.array(ReportedTable),
});
export type StabilityReport = z.infer<typeof StabilityReport>;

/** https://github.com/secure-systems-lab/dsse/blob/master/envelope.md */
export const DsseEnvelope = z.object({
  payloadType: z.string(),
  payload: z.string().describe('base64'),
  signatures: z.array(z.object({ keyid: z.string().optional(), sig: z.string().describe('base64') })).min(1),
});
export type DsseEnvelope = z.infer<typeof DsseEnvelope>;

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const STABILITY_PREDICATE = 'urn:isochron:stability-report:1';

/** What is signed: an in-toto statement about the bundle (https://github.com/in-toto/attestation). */
export const StabilityStatement = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(z.object({ name: z.string(), digest: z.object({ sha256: Sha256 }) })).min(1),
  predicateType: z.literal(STABILITY_PREDICATE),
  predicate: z.object({
    report: StabilityReport,
    page: z.object({
      sha256: Sha256.describe('of the HTML page with nothing in its element for the envelope'),
    }),
    madeBy: z.object({ name: z.string(), version: z.string() }),
  }),
});
export type StabilityStatement = z.infer<typeof StabilityStatement>;

/** A report that people and programs read, beside the same one as it was signed. */
export const SignedStabilityReport = z.object({
  report: StabilityReport,
  envelope: DsseEnvelope.describe('signed; its payload is an in-toto statement that has the report'),
});
export type SignedStabilityReport = z.infer<typeof SignedStabilityReport>;
