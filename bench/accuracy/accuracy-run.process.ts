/**
 * A process that performs one run of the accuracy benchmark: it is sent one order, sends progress and one result, and
 * never outlives the benchmark.
 */
import { checkCode } from './code-digest.js';
import { performRun } from './perform-run.js';
import type { RunMessage } from './run-messages.js';
import type { RunOrder } from './run-settings.js';

/** Steps are short and many. */
const PROGRESS_EVERY_MS = 1000;
const BROKEN_CHANNEL = new Set(['EPIPE', 'ECONNRESET', 'ERR_IPC_CHANNEL_CLOSED']);

process.once('disconnect', () => process.exit(1));
// Sending to a benchmark that has died throws, and handling that would send again, for ever.
process.prependListener('uncaughtException', (error: NodeJS.ErrnoException) => {
  if (!process.connected || BROKEN_CHANNEL.has(error.code ?? '')) process.exit(1);
});
// Terminals signal the whole group: the benchmark, too, and it decides what becomes of the run.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.once('message', (order) => void perform(order as RunOrder));

async function perform(order: RunOrder): Promise<void> {
  let next = 0;
  try {
    checkCode(order.settings.code);
    const run = await performRun(order, (progress) => {
      if (performance.now() < next) return;
      next = performance.now() + PROGRESS_EVERY_MS;
      process.send?.({ type: 'progress', progress } satisfies RunMessage);
    });
    last({ type: 'done', run });
  } catch (error) {
    last({
      type: 'failed',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
}

function last(message: RunMessage): void {
  process.send?.(message, undefined, undefined, () => process.exit(0));
}
