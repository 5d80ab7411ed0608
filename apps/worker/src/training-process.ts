import { fork, type ChildProcess } from 'node:child_process';
import { AppError } from '#contracts';
import { OutputLines } from './output-lines.js';
import { TrainingStopped, type TrainingListener } from './train-resumably.js';
import {
  TrainingMessage,
  type TrainingCommand,
  type TrainingOrder,
  type TrainingResult,
} from './training-messages.js';

export interface TrainingProcessOptions {
  /** JavaScript file of the training process. */
  readonly entry: URL;
  /** Options of Node itself. */
  readonly execArgv?: readonly string[];
  /** Told of the process that was started. */
  readonly onStart?: (pid: number) => void;
}

export interface RunningTraining {
  /** Kills the process. */
  readonly signal: AbortSignal;
  /** Has it keep a checkpoint and end. */
  readonly stop: AbortSignal;
  readonly listener: TrainingListener;
  /** Told of every line that the process writes to stderr. */
  readonly onOutput?: (line: string) => void;
}

/**
 * Runs one training in a process of its own, which is gone when this settles.
 * @throws AppError with the code that the process gave, or training_crashed when it ended without a word; TrainingStopped when it
 * was asked to stop and has, which it does not begin for; the signal's reason when aborted.
 */
export async function runInTrainingProcess(
  order: TrainingOrder,
  { signal, stop, listener, onOutput = () => {} }: RunningTraining,
  { entry, execArgv, onStart }: TrainingProcessOptions,
): Promise<TrainingResult> {
  signal.throwIfAborted();
  if (stop.aborted) throw new TrainingStopped('the training was stopped before it began');
  const child = fork(entry, [], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }),
  });
  const output = new OutputLines(child.stderr!, onOutput);
  const kill = () => child.kill('SIGKILL');
  const askToStop = () => child.send({ type: 'stop' } satisfies TrainingCommand, () => {});
  signal.addEventListener('abort', kill);
  try {
    const outcome = conversation(child, listener);
    if (child.pid !== undefined) onStart?.(child.pid);
    child.send(order, () => {}); // a process that is gone already says so by its exit
    stop.addEventListener('abort', askToStop);
    if (stop.aborted) askToStop(); // while the process was started
    const last = await outcome;
    signal.throwIfAborted();
    if (last.type === 'done') return last.result;
    if (last.type === 'stopped') throw new TrainingStopped('the training was stopped behind a checkpoint');
    // For the log: what a process says before it dies may quote what is not the user's business.
    const cause = last.code === 'training_crashed' ? lastWords(output) : undefined;
    throw new AppError(last.code, last.message, { cause });
  } finally {
    signal.removeEventListener('abort', kill);
    stop.removeEventListener('abort', askToStop);
    kill();
  }
}

type LastMessage = Extract<TrainingMessage, { type: 'done' | 'stopped' | 'failed' }>;

/** Resolves with the process's last message once it has ended. */
function conversation(child: ChildProcess, listener: TrainingListener): Promise<LastMessage> {
  let last: LastMessage | undefined;
  child.on('message', (raw) => {
    const message = understood(raw);
    if (message.type === 'progress') listener.onProgress(message.progress);
    else if (message.type === 'resumed') listener.onResumed(message.progress);
    else if (message.type === 'log') listener.onLog(message.log);
    else if (message.type === 'metrics') listener.onMetrics(message.batch);
    else if (message.type === 'checkpoint') listener.onCheckpoint(message.files, message.progress);
    else last ??= message;
  });
  return new Promise((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve(crashed(`could not be started: ${error.message}`));
    });
    // `exit` may come before the last message was read; `close` comes after.
    child.once('close', (code, signal) => resolve(last ?? crashed(ending(code, signal))));
  });
}

function lastWords(output: OutputLines): Error | undefined {
  const tail = output.tail();
  return tail === '' ? undefined : new Error(`the last lines that it wrote:\n${tail}`);
}

function understood(raw: unknown): TrainingMessage {
  const parsed = TrainingMessage.safeParse(raw);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return crashed(`sent a message that is not understood: ${issue?.path.join('.')}: ${issue?.message}`);
}

function crashed(how: string): LastMessage {
  return { type: 'failed', code: 'training_crashed', message: `the training process ${how}` };
}

function ending(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === 'SIGKILL') return 'was killed (SIGKILL), perhaps for lack of memory';
  return signal === null ? `ended with exit code ${code} and without a result` : `ended by ${signal}`;
}
