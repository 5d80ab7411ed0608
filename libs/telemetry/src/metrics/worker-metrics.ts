import { Gauge, Histogram, type Registry } from 'prom-client';
import { JOB_SECONDS, STEP_SECONDS } from './durations.js';

export interface TrainingSteps {
  readonly phase: string;
  readonly executor: string;
  readonly provider: string;
}

export interface HandledMessage {
  readonly queue: string;
  readonly stage: string;
  /** `stopped`: put back, for the worker stops or lost the message to another one. */
  readonly outcome: 'done' | 'failed' | 'stopped' | 'refused';
}

/** What a worker itself does. Of its process: what is counted begins at 0 with it. */
export class WorkerMetrics {
  private readonly steps: Histogram<keyof TrainingSteps>;
  private readonly messages: Histogram<keyof HandledMessage>;
  private readonly active: Gauge<'queue'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.steps = new Histogram({
      name: 'isochron_training_step_seconds',
      help: 'Time of a step of a training, all of its subnets together',
      labelNames: ['phase', 'executor', 'provider'],
      buckets: [...STEP_SECONDS],
      registers,
    });
    this.messages = new Histogram({
      name: 'isochron_message_handling_seconds',
      help: 'Time that the handling of a message from the queue took',
      labelNames: ['queue', 'stage', 'outcome'],
      buckets: [0.1, 0.5, ...JOB_SECONDS],
      registers,
    });
    this.active = new Gauge({
      name: 'isochron_messages_in_hand',
      help: 'Messages that this worker handles now',
      labelNames: ['queue'],
      registers,
    });
  }

  /** Notes `count` steps that took `seconds` each. */
  steppedBy(count: number, seconds: number, labels: TrainingSteps): void {
    for (let step = 0; step < count; step++) this.steps.observe({ ...labels }, seconds);
  }

  begun(queue: string): void {
    this.active.inc({ queue });
  }

  ended(message: HandledMessage, seconds: number): void {
    this.active.dec({ queue: message.queue });
    this.messages.observe({ ...message }, seconds);
  }
}
