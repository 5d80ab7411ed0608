import type { FlowProducer, Processor, Queue, Worker, WorkerOptions } from 'bullmq';

/** A message that is in a queue, or has ended. */
interface BullMessage {
  readonly priority: number;
  getState(): Promise<string>;
  /** Its children stay where `removeChildren` is false. */
  remove(how?: { removeChildren?: boolean }): Promise<void>;
  changePriority(to: { priority: number }): Promise<void>;
  /** Has one that is put off delivered at once. */
  promote(): Promise<void>;
}

/** What tells a message that lives from one that has ended, and of which priority it is. */
export interface KnownMessage {
  /** Handled well, or given up. */
  readonly hasEnded: boolean;
  /** BullMQ's priority: 1 is first. */
  readonly rank: number;
}

export type BullQueue = Pick<Queue, 'name' | 'toKey' | 'add' | 'addBulk' | 'close' | 'getJobCounts'> & {
  getJob(id: string): Promise<BullMessage | undefined>;
  getJobCountByTypes(...types: ('waiting' | 'prioritized')[]): Promise<number>;
  on(event: 'error', listener: (error: Error) => void): unknown;
};
export type BullFlows = Pick<FlowProducer, 'add' | 'close'> & {
  on(event: 'error', listener: (error: Error) => void): unknown;
};
export type BullWorker = Pick<
  Worker,
  'close' | 'cancelJob' | 'waitUntilReady' | 'pause' | 'resume' | 'extendJobLocks'
> & {
  on(event: 'error', listener: (error: Error) => void): unknown;
};
export type BullProcessor = Processor<unknown, void>;
export type BullWorkerOptions = Omit<WorkerOptions, 'connection'>;

/** The engine that keeps the messages. It owns its connections. */
export interface Backend {
  readonly kind: 'redis' | 'postgres';
  queue(name: string): BullQueue;
  /** Puts messages of several queues in at once, with one that waits for them. */
  flows(): BullFlows;
  worker(name: string, processor: BullProcessor, options: BullWorkerOptions): BullWorker;
  /** The messages of a queue that the engine has, by id; in one round trip, which BullMQ has no call for. */
  known(queue: BullQueue, ids: readonly string[]): Promise<Map<string, KnownMessage>>;
  /** Resolves when the engine answers; rejects or never resolves when it does not. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
