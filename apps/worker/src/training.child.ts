import { AppError } from '#contracts';
import { runTraining } from './run-training.js';
import { TrainingStopped, type TrainingListener } from './train-resumably.js';
import { TrainingCommand, TrainingOrder, type TrainingMessage } from './training-messages.js';

/**
 * A process that runs one training, so that a busy event loop, a crash or a lack of memory stays here and the worker
 * keeps its lock. It never outlives the worker.
 */

const BROKEN_CHANNEL = new Set(['EPIPE', 'ECONNRESET', 'ERR_IPC_CHANNEL_CLOSED']);

process.once('disconnect', () => process.exit(1));
// Sending to a worker that has died throws, and handling that would send again, for ever.
process.prependListener('uncaughtException', (error: NodeJS.ErrnoException) => {
  if (!process.connected || BROKEN_CHANNEL.has(error.code ?? '')) process.exit(1);
});
// Terminals, systemd and containers signal the whole group: the worker, too, and it decides what becomes of the training.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
const stopping = new AbortController();
process.once('message', (message) => {
  process.on('message', (command) => TrainingCommand.safeParse(command).success && stopping.abort());
  void train(message);
});

async function train(message: unknown): Promise<void> {
  try {
    const order = TrainingOrder.parse(message);
    const listener = {
      onProgress: (progress) => send({ type: 'progress', progress }),
      onResumed: (progress) => send({ type: 'resumed', progress }),
      onLog: (log) => send({ type: 'log', log }),
      onMetrics: (batch) => send({ type: 'metrics', batch }),
      onCheckpoint: (files, progress) => send({ type: 'checkpoint', files, progress }),
    } satisfies TrainingListener;
    const result = await runTraining(order, listener, stopping.signal);
    last({ type: 'done', result });
  } catch (error) {
    last(failure(error));
  }
}

function failure(error: unknown): TrainingMessage {
  if (error instanceof TrainingStopped) return { type: 'stopped' };
  if (error instanceof AppError) return { type: 'failed', code: error.code, message: error.message };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { type: 'failed', code: 'training_crashed', message };
}

function send(message: TrainingMessage): void {
  process.send?.(message);
}

function last(message: TrainingMessage): void {
  process.send?.(message, undefined, undefined, () => process.exit(0));
}
