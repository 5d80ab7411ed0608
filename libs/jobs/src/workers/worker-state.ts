import { Worker, type DrainMode, type WorkerRecord, type WorkerState } from '#contracts';

/** Workers tell of themselves so often. */
export const HEARTBEAT_MS = 5_000;
/** A worker that was not heard of for so long reads as lost. */
export const LOST_AFTER_MS = 20_000;
/** What is kept of a worker that is lost or has stopped. */
export const KEEP_WORKERS_MS = 24 * 60 * 60 * 1000;

export function stateOf({ stoppedAt, isAlive, phase }: WorkerRecord): WorkerState {
  if (stoppedAt !== undefined) return 'stopped';
  return isAlive ? phase : 'lost';
}

/** A worker as users see it. */
export function workerOf(record: WorkerRecord): Worker {
  return Worker.parse({ ...record, state: stateOf(record), running: record.jobIds.length });
}

/** Asks a worker to take no more jobs. One that has drained stays so; one that waits for its trainings may be told not to. */
export function askedToDrain(worker: WorkerRecord, drainMode: DrainMode): WorkerRecord {
  if (worker.phase === 'drained' || worker.drainMode === drainMode) return worker;
  return { ...worker, phase: 'draining', drainMode };
}

export function activated(worker: WorkerRecord): WorkerRecord {
  return worker.phase === 'active' ? worker : { ...worker, phase: 'active', drainMode: undefined };
}

/** It holds nothing any more; unless it was told to go on meanwhile. */
export function drained(worker: WorkerRecord): WorkerRecord {
  return worker.phase === 'draining' ? { ...worker, phase: 'drained', jobIds: [] } : worker;
}
