import { setTimeout } from 'node:timers/promises';
import type { WorkerQueue } from '#contracts';
import { MessageRefused, type Consumer, type Delivery, type QueueData, type WorkQueue } from '#queue';

type TrainingQueue = Exclude<WorkerQueue, 'light'>;
type Training = QueueData<'train.cpu'>;

/** In which a place that is free again is for trainings that need the graphics card alone. */
const HEAD_START_MS = 250;

export interface WorkerQueuesParts {
  readonly queue: Pick<WorkQueue, 'consume' | 'waiting'>;
  readonly names: readonly WorkerQueue[];
  readonly train: (from: TrainingQueue, message: Training, delivery: Delivery) => Promise<void>;
  readonly light: (message: QueueData<'light'>, delivery: Delivery) => Promise<void>;
  /** Trainings at once, of whatever queue. */
  readonly concurrency: number;
  readonly lightConcurrency: number;
  /** How long trainings may take to stop when the worker goes. */
  readonly closeTimeoutMs: number;
  /** Told when the last training has ended. */
  readonly onIdle: () => void;
}

/**
 * Takes messages of a worker's queues for as long as it may. Trainings of all queues share its places; where there is a choice, those
 * that need a graphics card go first.
 */
export class WorkerQueues {
  private readonly consumers: Consumer<WorkerQueue>[] = [];
  private readonly trainings: Consumer<TrainingQueue>[] = [];
  private taken = 0;
  private isResting = false;

  constructor(private readonly parts: WorkerQueuesParts) {}

  get isIdle(): boolean {
    return this.taken === 0;
  }

  /** Resolves once messages are taken. */
  async open(): Promise<void> {
    const { queue, names, light, lightConcurrency, concurrency, closeTimeoutMs } = this.parts;
    if (names.includes('light')) {
      this.consumers.push(await queue.consume('light', light, { concurrency: lightConcurrency }));
    }
    for (const name of ['train.gpu', 'train.cpu'] as const) {
      if (!names.includes(name)) continue;
      const handler = (message: Training, delivery: Delivery) => this.handle(name, message, delivery);
      const consumer = await queue.consume(name, handler, { concurrency, closeTimeoutMs });
      this.trainings.push(consumer);
      this.consumers.push(consumer);
    }
    if (this.isResting) await this.rest();
  }

  /** Takes no more messages; trainings that run go on. */
  async rest(): Promise<void> {
    this.isResting = true;
    for (const consumer of this.consumers) await consumer.pause();
  }

  /** Takes no more messages; trainings keep a checkpoint and are handed back. */
  async handBack(): Promise<void> {
    await this.rest();
    for (const consumer of this.trainings) await consumer.handBack();
  }

  /** Takes messages again. */
  async resume(): Promise<void> {
    if (!this.isResting) return;
    this.isResting = false;
    for (const consumer of this.consumers) await consumer.resume();
    if (this.isFull) await this.pauseTrainings();
  }

  private get isFull(): boolean {
    return this.taken >= this.parts.concurrency;
  }

  private async handle(name: TrainingQueue, message: Training, delivery: Delivery): Promise<void> {
    if (name === 'train.cpu') await this.letOthersFirst();
    if (this.isFull) throw new MessageRefused('the worker has no place for another training', true);
    this.taken++;
    try {
      if (this.isFull) await this.pauseTrainings();
      await this.parts.train(name, message, delivery);
    } finally {
      this.taken--;
      if (this.trainings.length > 1) void this.resumeTrainings();
      if (this.isIdle) this.parts.onIdle();
    }
  }

  /** One queue alone sees to its own places; of two, one must not take what the other one's trainings leave no place for. */
  private async pauseTrainings(): Promise<void> {
    if (this.trainings.length > 1) for (const consumer of this.trainings) await consumer.pause();
  }

  /** The queue of those that need the card comes first in the list, and has the place first. */
  private async resumeTrainings(): Promise<void> {
    for (const [index, consumer] of this.trainings.entries()) {
      if (index > 0) await setTimeout(HEAD_START_MS);
      if (this.isResting || this.isFull) return;
      await consumer.resume();
    }
  }

  private async letOthersFirst(): Promise<void> {
    const { queue, names } = this.parts;
    if (!names.includes('train.gpu') || (await queue.waiting('train.gpu')) === 0) return;
    throw new MessageRefused('a training that needs the graphics card goes first', true);
  }
}
