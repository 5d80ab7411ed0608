import { z } from 'zod';
import { Name, Timestamp } from './common.js';

export const LineageKind = z.enum([
  'version',
  'bundle',
  'addendum',
  'job',
  'sweep',
  'dataset',
  'calibration',
  'latency-table',
  'device',
  'deployment',
]);
export type LineageKind = z.infer<typeof LineageKind>;

/** One thing that a version came of, or that came of it. */
export const LineageNode = z.object({
  key: z.string().describe('names the node within the graph: `kind:id`'),
  kind: LineageKind,
  id: z.string(),
  label: z.string().describe('for people: a name, or what it is'),
  url: z.string().optional().describe('where it is read; not there for what has no resource of its own'),
  digest: z
    .string()
    .optional()
    .describe('SHA-256 of its content; of a latency table, of the canonical JSON of its cells'),
  createdAt: Timestamp.optional(),
  gone: z.literal(true).optional().describe('it was deleted, or is not there any more'),
});
export type LineageNode = z.infer<typeof LineageNode>;

export const LineageRelation = z
  .enum([
    'trained-by',
    'continues',
    'trained-on',
    'part-of',
    'ratios-from',
    'calibrated-from',
    'verified-by',
    'measured-on',
    'deploys',
    'deployed-to',
    'has-bundle',
    'adds-to',
  ])
  .describe(
    'read from `from` to `to`: a version is trained-by a job, a deployment is verified-by a latency table',
  );
export type LineageRelation = z.infer<typeof LineageRelation>;

export const LineageEdge = z.object({
  from: z.string().describe('key of a node'),
  to: z.string().describe('key of a node'),
  relation: LineageRelation,
});
export type LineageEdge = z.infer<typeof LineageEdge>;

/** Where a version comes from and where it runs, as a graph that can be drawn without another request. */
export const LineageGraph = z.object({
  model: Name,
  version: z.number().int(),
  root: z.string().describe('key of the node of the version'),
  nodes: z.array(LineageNode),
  edges: z.array(LineageEdge),
});
export type LineageGraph = z.infer<typeof LineageGraph>;
