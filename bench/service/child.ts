import { spawn } from 'node:child_process';
import { extname, join } from 'node:path';
import { childEnvironment } from '#runtime';

/** A program of this benchmark: it gets one order, may say that it is ready, and ends with a result. */
export interface Child<Result> {
  /** Resolves when it says that it is ready. */
  readonly ready: Promise<void>;
  readonly result: Promise<Result>;
  /** Kills it. */
  stop(): void;
}

/** What a program sends back. */
export type ChildMessage<Result> =
  | { readonly type: 'ready' }
  | { readonly type: 'result'; readonly result: Result }
  | { readonly type: 'failed'; readonly message: string };

/** Programs are of this file's kind: JavaScript in a build, TypeScript where tests run the sources. */
const fileOf = (folder: string, name: string) =>
  join(folder, `${name}.process${extname(import.meta.filename)}`);

export interface ChildOptions {
  /** Where the program is; default: beside this file. */
  readonly folder?: string;
  /** Further variables of its environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a program in a process of its own. Both promises reject when it fails or ends too soon. */
export function startChild<Result>(
  name: string,
  order: object,
  { folder = import.meta.dirname, environment = {} }: ChildOptions = {},
): Child<Result> {
  const child = spawn(process.execPath, [fileOf(folder, name)], {
    stdio: ['ignore', 2, 2, 'ipc'],
    env: childEnvironment(environment),
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let isReady = () => {};
  let fail = (_: Error) => {};
  const ready = new Promise<void>((resolve, reject) => {
    isReady = resolve;
    fail = reject;
  });
  const result = new Promise<Result>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => reject(new Error(`${name} ended too soon (${signal ?? code})`)));
    child.on('message', (message: ChildMessage<Result>) => {
      if (message.type === 'ready') isReady();
      else if (message.type === 'result') resolve(message.result);
      else reject(new Error(`${name} failed: ${message.message}`));
    });
  }).finally(() => {
    process.off('exit', kill);
    kill();
  });
  result.catch(fail);
  ready.catch(() => {});
  child.send(order, () => {});
  return { ready, result, stop: kill };
}

/** The program's side: does what the order says and sends what comes of it. */
export function answerOrder<Order, Result>(
  work: (order: Order, tell: { readonly ready: () => void }) => Promise<Result>,
): void {
  const send = (message: ChildMessage<Result>) => process.send!(message);
  // Whoever gave the order is gone.
  process.once('disconnect', () => process.exit(1));
  process.once('message', (order: Order) => {
    work(order, { ready: () => send({ type: 'ready' }) }).then(
      (result) => send({ type: 'result', result }),
      (error: Error) => send({ type: 'failed', message: error.stack ?? error.message }),
    );
  });
}
