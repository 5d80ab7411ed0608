import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { childEnvironment } from '#runtime';
import type { Hello, StepsAnswer, StepsRequest } from './messages.js';

/** How a contestant is started. */
export interface ContestantCommand {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
}

/** A contestant ended or answered with something else than what was asked for. */
export class ContestantError extends Error {
  override readonly name = 'ContestantError';
}

const running = new Set<ChildProcess>();
// A stopped process would not even notice that its input ended.
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/**
 * A process that runs one workload on one engine. It is stopped (SIGSTOP) whenever it has nothing to do, so that no
 * thread pool of its own spins while another contestant is timed.
 */
export class Contestant {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #lines: Interface;
  #hello: Hello | undefined;

  private constructor(
    readonly name: string,
    child: ChildProcess,
  ) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdio[3] as Readable });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  /** @throws ContestantError when the process does not get as far as being ready. */
  static async start({ name, file, args }: ContestantCommand): Promise<Contestant> {
    // What native libraries print is for the terminal, never among the figures.
    const child = spawn(file, args, { stdio: ['pipe', 2, 2, 'pipe'], env: childEnvironment({}) });
    running.add(child);
    child.on('error', () => {}); // the answers end, which says enough
    child.stdin!.on('error', () => {});
    const contestant = new Contestant(name, child);
    contestant.#hello = await contestant.#answer<Hello>();
    child.kill('SIGSTOP');
    return contestant;
  }

  get hello(): Hello {
    return this.#hello!;
  }

  /** Runs steps while nothing else of the benchmark runs. */
  async steps(request: StepsRequest): Promise<StepsAnswer> {
    this.#child.kill('SIGCONT');
    this.#child.stdin!.write(`${JSON.stringify(request)}\n`);
    const answer = await this.#answer<StepsAnswer>();
    this.#child.kill('SIGSTOP');
    return answer;
  }

  /** The most memory that the process ever had resident; undefined where the system has no /proc. */
  async peakMemoryBytes(): Promise<number | undefined> {
    const status = await readFile(`/proc/${this.#child.pid}/status`, 'utf8').catch(() => '');
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  }

  /** Ends the process at once, stopped or not. */
  kill(): void {
    this.#lines.close();
    this.#child.kill('SIGKILL');
    running.delete(this.#child);
  }

  async #answer<T>(): Promise<T> {
    const line = await this.#answers.next();
    if (!line.done) return JSON.parse(line.value) as T;
    throw new ContestantError(`${this.name} ended without an answer; what it had to say stands above`);
  }
}
