import { parentPort, workerData } from 'node:worker_threads';
import { epochBatches, type BatchPlan } from '../batches/batch-plan.js';
import { DatasetError } from '../dataset-error.js';
import { takeCredit, type EpochReply, type EpochRequest, type ThreadFailure } from './epoch-messages.js';

/**
 * A thread that makes batches ahead of who trains on them. It may block: it has nothing else to do, and reads files
 * without waiting for an event loop.
 */

const plan = workerData as BatchPlan;
parentPort!.on('message', serve);

function serve({ epoch, fromStep, port, credits }: EpochRequest): void {
  const reply = (message: EpochReply, moved: ArrayBuffer[] = []) => port.postMessage(message, moved);
  try {
    for (const batch of epochBatches(plan, epoch, fromStep)) {
      if (!takeCredit(credits)) break;
      reply({ kind: 'batch', batch }, [batch.images.buffer, batch.labels.buffer]);
    }
    reply({ kind: 'end' });
  } catch (error) {
    reply(failure(error as Error));
  }
}

function failure(error: Error): ThreadFailure {
  if (!(error instanceof DatasetError)) return { kind: 'failed', message: error.message };
  return { kind: 'failed', message: error.detail, where: error.where };
}
