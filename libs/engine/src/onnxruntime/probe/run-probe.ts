import { fork } from 'node:child_process';
import { extname, join } from 'node:path';
import type { ProbeAnswer } from './probe.process.js';

/** Beside this file and of its kind: JavaScript in a build, TypeScript where tests run the sources. */
const ENTRY = join(import.meta.dirname, `probe.process${extname(import.meta.filename)}`);

/** The first use of a graphics card loads hundreds of megabytes of libraries. */
const TIME_LIMIT_MS = 30_000;

export interface ProbeResult {
  /** Why the provider does not work; nothing where it does. */
  readonly error: string | undefined;
  /** What its libraries wrote to stderr on the way. */
  readonly log: string;
}

/** Makes the Vulkan loader name the driver that it uses; onnxruntime-node gives no way to ask its adapter. */
const LOADER_LOG = { VK_LOADER_DEBUG: 'all' };

/** Tries a provider in a child process, which may crash or hang. */
export function runProbe(provider: string, timeLimitMs = TIME_LIMIT_MS): Promise<ProbeResult> {
  const child = fork(ENTRY, [provider], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // eslint-disable-next-line no-restricted-properties -- handed on as it is; nothing is read from it
    env: { ...process.env, ...LOADER_LOG },
    timeout: timeLimitMs,
    killSignal: 'SIGKILL',
  });
  let log = '';
  let answer: ProbeAnswer | undefined;
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (log += text));
  child.once('message', (message) => (answer = message as ProbeAnswer));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ error: error.message, log }));
    child.once('close', (code, signal) => {
      const end = child.killed
        ? `did not end within ${timeLimitMs / 1000} s`
        : `ended with ${signal ? `signal ${signal}` : `exit code ${code}`}`;
      resolve({ error: answer ? answer.error : `a trial run ${end}`, log });
    });
  });
}
