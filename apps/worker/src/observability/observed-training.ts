import type { JobProgress } from '#contracts';
import type { Logger } from '#runtime';
import { inSpan, type Span, type WorkerMetrics } from '#telemetry';
import type { TrainingListener } from '../train-resumably.js';
import type { TrainingOrder, TrainingResult } from '../training-messages.js';
import { runInTrainingProcess, type TrainingProcessOptions } from '../training-process.js';
import { StepTimes } from './step-times.js';

export interface ObservedTraining {
  readonly signal: AbortSignal;
  readonly stop: AbortSignal;
  readonly listener: TrainingListener;
  /** Gets what the process writes to stderr. */
  readonly log: Logger;
  readonly metrics: Pick<WorkerMetrics, 'steppedBy'>;
}

/** Runs one training in its process and in a span with an event for every epoch. @throws as `runInTrainingProcess` */
export function runObservedTraining(
  order: TrainingOrder,
  { signal, stop, listener, log, metrics }: ObservedTraining,
  options: TrainingProcessOptions,
): Promise<TrainingResult> {
  const { executor, provider, threads } = order.engine;
  const attributes = {
    'isochron.job.id': order.jobId,
    'isochron.training.method': order.training.method,
    'isochron.training.ratios': [...order.ratios],
    'isochron.engine.executor': executor,
    'isochron.engine.provider': provider,
    'isochron.engine.threads': threads,
  };
  const times = new StepTimes(
    order.training.batchSize,
    { executor, provider },
    ({ count, seconds }, labels) => metrics.steppedBy(count, seconds, labels),
  );
  const name = order.derivation ? 'derive' : order.adjustment ? 'adjust' : 'train';
  return inSpan(name, { attributes }, (span) => {
    const onStart = (pid: number) => {
      span.setAttribute('process.pid', pid);
      options.onStart?.(pid);
    };
    const running = {
      signal,
      stop,
      listener: heardToo(listener, [new EpochEvents(span), times]),
      onOutput: (line: string) => log.info({ stream: 'stderr' }, line),
    };
    return runInTrainingProcess(order, running, { ...options, onStart });
  });
}

interface ProgressObserver {
  progressed(progress: JobProgress): void;
}

function heardToo(listener: TrainingListener, observers: readonly ProgressObserver[]): TrainingListener {
  const tell = (progress: JobProgress) => observers.forEach((observer) => observer.progressed(progress));
  return {
    onProgress: (progress) => {
      tell(progress);
      listener.onProgress(progress);
    },
    onResumed: (progress) => {
      tell(progress);
      listener.onResumed(progress);
    },
    onLog: (log) => listener.onLog(log),
    onMetrics: (batch) => listener.onMetrics(batch),
    onCheckpoint: (files, progress) => listener.onCheckpoint(files, progress),
  };
}

/** An event of the span when an epoch begins, with the loss by then; phases without epochs are one. */
class EpochEvents implements ProgressObserver {
  private last = '';

  constructor(private readonly span: Span) {}

  progressed({ phase, method, epoch, epochs, loss }: JobProgress): void {
    const now = [method, phase, epoch].join(' ');
    if (now === this.last) return;
    this.last = now;
    this.span.addEvent('epoch', {
      ...(phase && { 'isochron.training.phase': phase }),
      ...(method && { 'isochron.training.method': method }),
      ...(epoch !== undefined && { 'isochron.training.epoch': epoch }),
      ...(epochs !== undefined && { 'isochron.training.epochs': epochs }),
      ...(loss !== undefined && { 'isochron.training.loss': loss }),
    });
  }
}
