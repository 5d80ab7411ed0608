import { z } from 'zod';
import { accuracyRun, type AccuracyRun, type RunProgress } from './accuracy-run.js';

/** What the process of a run sends, whatever language it is written in. */
export type RunMessage =
  | { readonly type: 'progress'; readonly progress: RunProgress }
  | { readonly type: 'done'; readonly run: AccuracyRun }
  | { readonly type: 'failed'; readonly message: string };

const progress = z.object({
  epoch: z.int().positive(),
  epochs: z.int().positive(),
  fraction: z.number().min(0).max(1),
});

export const runMessage: z.ZodType<RunMessage> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), progress }),
  z.object({ type: z.literal('done'), run: accuracyRun }),
  z.object({ type: z.literal('failed'), message: z.string() }),
]);
