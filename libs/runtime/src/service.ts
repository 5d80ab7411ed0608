import { spawn, type ChildProcess } from 'node:child_process';
import { childEnvironment } from './config.js';

/** What a service process sends its launcher over IPC once it serves. */
export interface ReadyMessage {
  readonly type: 'ready';
  readonly url?: string;
}

type Output = 'inherit' | 'ignore' | number;

export interface ServiceOptions {
  /** For messages: "api", "worker". */
  readonly name: string;
  /** JavaScript file to run with this process's Node. */
  readonly entry: string;
  readonly args?: readonly string[];
  /** Puts the process in its place: a program with its arguments, which replaces itself by the one that follows. */
  readonly command?: readonly string[];
  /** Options of Node itself. */
  readonly nodeArgs?: readonly string[];
  /** Replaces variables of this process's environment; `undefined` removes one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdout?: Output;
  readonly stderr?: Output;
  readonly readyTimeoutMs?: number;
}

export interface ServiceExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningService {
  readonly name: string;
  readonly pid: number;
  /** Where it serves, if it said so. */
  readonly url: string | undefined;
  /** Resolves when the process has ended, whatever ended it. */
  readonly exited: Promise<ServiceExit>;
  /** Asks it to end (SIGTERM), kills it when it has not after `timeoutMs`, and resolves when it is gone. */
  stop(timeoutMs?: number): Promise<ServiceExit>;
}

/** Tells the launcher (over IPC, if there is one) and whoever reads stdout that this process serves. */
export function announceReady(url?: string): void {
  const message: ReadyMessage = { type: 'ready', ...(url === undefined ? {} : { url }) };
  process.send?.(message);
  process.stdout.write(`ready ${url ?? ''}`.trimEnd() + '\n');
}

/**
 * Starts a Node process with an IPC channel and waits for its ready message.
 * It gets a process group of its own: Ctrl-C in a terminal reaches the launcher alone, which then stops its services
 * in order. When the launcher dies the channel closes, and `installShutdown` in the child ends it.
 * @throws Error when it ends, or says nothing for `readyTimeoutMs`, before it is ready; it is not left running.
 */
export async function spawnService(options: ServiceOptions): Promise<RunningService> {
  const {
    name,
    entry,
    args = [],
    nodeArgs = [],
    command = [],
    stdout = 'inherit',
    stderr = 'inherit',
    readyTimeoutMs = 60_000,
  } = options;
  const [program, ...programArgs] = [...command, process.execPath, ...nodeArgs, entry, ...args];
  const child = spawn(program!, programArgs, {
    env: childEnvironment(options.env ?? {}),
    stdio: ['ignore', stdout, stderr, 'ipc'],
    detached: process.platform !== 'win32',
  });
  const exited = exitOf(child);
  const stop = (timeoutMs = 20_000) => stopChild(child, exited, timeoutMs);
  try {
    const ready = await readyMessage(child, exited, name, readyTimeoutMs);
    return { name, pid: child.pid!, url: ready.url, exited, stop };
  } catch (error) {
    await stop(0);
    throw error;
  }
}

function exitOf(child: ChildProcess): Promise<ServiceExit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
}

function readyMessage(
  child: ChildProcess,
  exited: Promise<ServiceExit>,
  name: string,
  timeoutMs: number,
): Promise<ReadyMessage> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`${name} was not ready after ${timeoutMs} ms`));
    const timer = setTimeout(late, timeoutMs);
    child.on('message', (message) => {
      if (!isReady(message)) return;
      clearTimeout(timer);
      resolve(message);
    });
    void exited.then((exit) => {
      clearTimeout(timer);
      reject(new Error(`${name} ended (${describeExit(exit)}) before it was ready`));
    });
  });
}

function isReady(message: unknown): message is ReadyMessage {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready';
}

async function stopChild(
  child: ChildProcess,
  exited: Promise<ServiceExit>,
  timeoutMs: number,
): Promise<ServiceExit> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const exit = await exited;
  clearTimeout(timer);
  return exit;
}

function describeExit({ code, signal }: ServiceExit): string {
  return signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`;
}
