import { setTimeout as delay } from 'node:timers/promises';
import type { MeasuringTask } from '#contracts';
import type { Progress } from '../terminal/progress.js';
import type { ApiClient } from './api-client.js';
import { DemoFailedError } from './demo-failed-error.js';

const POLL_MS = 400;

/**
 * Follows a measuring task on a bar until it is completed, or `signal` says that nobody is interested any more.
 * @throws DemoFailedError when the agent gave it up.
 */
export async function awaitMeasuring(
  client: ApiClient,
  taskId: string,
  progress: Progress,
  signal?: AbortSignal,
): Promise<MeasuringTask> {
  const begun = performance.now();
  for (;;) {
    const task = await client.getMeasuringTask(taskId);
    if (task.state === 'completed' || signal?.aborted) return task;
    if (task.state === 'failed') {
      throw new DemoFailedError(
        `the agent could not measure: ${task.error?.message ?? 'it gave no reason'} (${task.error?.code ?? 'no code'})`,
      );
    }
    progress.update(task.cellsDone / task.cells.length, describe(task, performance.now() - begun));
    await delay(POLL_MS);
  }
}

function describe({ cellsDone, cells, selection, state }: MeasuringTask, elapsedMs: number): string {
  if (state === 'queued') return 'waiting for the agent';
  if (selection.kind === 'adaptive') return `${cellsDone} cells of at most ${cells.length}`;
  if (cellsDone === cells.length) return `all ${cellsDone} cells; has the device changed meanwhile?`;
  const left = cellsDone > 0 ? ((elapsedMs / cellsDone) * (cells.length - cellsDone)) / 1000 : undefined;
  return `${cellsDone}/${cells.length} cells${left === undefined ? '' : `, ${Math.ceil(left)} s left`}`;
}
