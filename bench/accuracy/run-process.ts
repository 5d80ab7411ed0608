import { spawn, type ChildProcess } from 'node:child_process';
import { extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { childEnvironment } from '#runtime';
import type { AccuracyRun, RunProgress } from './accuracy-run.js';
import { runMessage, type RunMessage } from './run-messages.js';
import type { RunOrder } from './run-settings.js';

/** A run's process failed, or ended without a result. */
export class RunFailedError extends Error {
  override readonly name = 'RunFailedError';
}

/** Performs one run, telling how far it is. @throws RunFailedError when it fails */
export type PerformRun = (onProgress: (progress: RunProgress) => void) => Promise<AccuracyRun>;

/** Beside this file and of its kind: JavaScript in a build, TypeScript where tests run the sources. */
const RUN_PROCESS = join(import.meta.dirname, `accuracy-run.process${extname(import.meta.filename)}`);

const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** A run of Isochron's own in a process of its own. */
export const inNodeProcess =
  (order: RunOrder, file = RUN_PROCESS): PerformRun =>
  (onProgress) => {
    // What native libraries print is for the terminal, never among the figures.
    const child = spawn(process.execPath, [file], {
      stdio: ['ignore', 2, 2, 'ipc'],
      env: childEnvironment({}),
    });
    const result = resultOf(child, onProgress, (handle) => child.on('message', handle));
    child.send(order, () => {}); // a process that is gone already is told by its end
    return result;
  };

/**
 * A run in a program of another language: it takes one JSON argument, writes its messages to file descriptor 3, one a
 * line, and ends when its input does.
 */
export const inProgram =
  (file: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): PerformRun =>
  (onProgress) => {
    const child = spawn(file, args, { stdio: ['pipe', 2, 2, 'pipe'], env: childEnvironment(environment) });
    child.stdin!.on('error', () => {});
    return resultOf(child, onProgress, (handle) => {
      const lines = createInterface({ input: child.stdio[3] as Readable });
      lines.on('line', (line) => handle(line));
    });
  };

function resultOf(
  child: ChildProcess,
  onProgress: (progress: RunProgress) => void,
  listen: (handle: (message: unknown) => void) => void,
): Promise<AccuracyRun> {
  running.add(child);
  return new Promise<AccuracyRun>((resolve, reject) => {
    const fail = (problem: string) => reject(new RunFailedError(problem));
    child.once('error', (error) => fail(error.message));
    child.once('close', (code, signal) => fail(`its process ended without a result (${signal ?? code})`));
    listen((raw) => {
      const { data: message, error } = parsed(raw);
      if (!message) fail(`its process sent something else than was expected: ${error}`);
      else if (message.type === 'progress') onProgress(message.progress);
      else if (message.type === 'done') resolve(message.run);
      else fail(message.message);
    });
  }).finally(() => {
    running.delete(child);
    child.kill('SIGKILL');
  });
}

/** @param raw a message's value, or its JSON. */
function parsed(raw: unknown): { data?: RunMessage; error?: string } {
  try {
    return { data: runMessage.parse(typeof raw === 'string' ? JSON.parse(raw) : raw) };
  } catch (error) {
    return { error: `${String(raw)}: ${(error as Error).message}` };
  }
}
