import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ExecutorError } from '../../executor.js';
import type { WasmMemory, WasmModule } from '../web-assembly.js';

/** Words of the control block: how many jobs were given; of the last, how many shares ended and how many of those failed; then the arguments. */
const [JOBS, DONE, FAILED, ARGUMENTS] = [0, 1, 2, 3];
/** Of one share, at most. */
const MOST_ARGUMENTS = 16;
/** Turns of waiting that the main thread spends awake: a share's end is near when its own is done. */
const SPINS = 20_000;
/**
 * Seconds that the main thread waits for shares of milliseconds. Each is a wait of its own, so that a process that was
 * stopped for long has not used up all of them when it goes on.
 */
const MOST_SECONDS = 120;
const SECOND_MS = 1000;

const SCRIPT = `
const { parentPort, workerData } = require('node:worker_threads');
const { module, memory, control, index } = workerData;
const run = new WebAssembly.Instance(module, { env: { memory } }).exports.filterGradient;
const words = new Int32Array(control);
const first = ${ARGUMENTS} + ${MOST_ARGUMENTS} * index;
parentPort.postMessage('ready');
for (let jobs = 0; ; jobs++) {
  Atomics.wait(words, ${JOBS}, jobs);
  const share = words.subarray(first, first + run.length);
  try {
    if (share[0] > 0) run(...share);
  } catch {
    Atomics.add(words, ${FAILED}, 1);
  } finally {
    Atomics.add(words, ${DONE}, 1);
    Atomics.notify(words, ${DONE});
  }
}
`;

type Run = (...parameters: number[]) => void;

/**
 * Threads that run one function of a module on a shared memory, each on its share of a job. A share is the function's
 * parameters; where the first of them is zero there is nothing to do.
 */
export class SimdWorkers {
  readonly #words: Int32Array;
  readonly #workers: number;
  readonly #mostSeconds: number;
  /** Workers may still write to the memory, and count among the done of a later job. */
  #stuck = false;

  private constructor(words: Int32Array, workers: number, mostSeconds: number) {
    this.#words = words;
    this.#workers = workers;
    this.#mostSeconds = mostSeconds;
  }

  /**
   * @param workers besides the calling thread
   * @param mostSeconds that a job may take its workers longer than the calling thread
   */
  static async start(
    module: WasmModule,
    memory: WasmMemory,
    workers: number,
    mostSeconds = MOST_SECONDS,
  ): Promise<SimdWorkers> {
    const control = new SharedArrayBuffer(4 * (ARGUMENTS + MOST_ARGUMENTS * Math.max(1, workers)));
    const started = Array.from({ length: workers }, async (_, index) => {
      const workerData = { module, memory, control, index };
      const worker = new Worker(SCRIPT, { eval: true, workerData, execArgv: [] });
      await once(worker, 'message');
      worker.unref();
    });
    await Promise.all(started);
    return new SimdWorkers(new Int32Array(control), workers, mostSeconds);
  }

  /**
   * Runs all shares at once, one for the calling thread, which waits for the others, and one for each worker.
   * @throws ExecutorError when a worker's share fails or does not end, and ever after the latter; what `own` throws,
   * once the others ended.
   */
  run(own: Run, [first, ...others]: readonly (readonly number[])[]): void {
    if (this.#stuck) throw new ExecutorError('a thread never ended its share of an earlier job');
    const words = this.#words;
    others.forEach((share, index) => words.set(share, ARGUMENTS + MOST_ARGUMENTS * index));
    Atomics.store(words, DONE, 0);
    Atomics.store(words, FAILED, 0);
    Atomics.add(words, JOBS, 1);
    Atomics.notify(words, JOBS);
    try {
      if (first![0]! > 0) own(...first!);
    } finally {
      this.#join();
    }
    const failed = Atomics.load(words, FAILED);
    if (failed > 0) throw new ExecutorError(`${failed} of ${this.#workers} threads failed in their share`);
  }

  #join(): void {
    const words = this.#words;
    for (let spin = 0; spin < SPINS; spin++) {
      if (Atomics.load(words, DONE) === this.#workers) return;
    }
    let seconds = 0;
    for (let done = Atomics.load(words, DONE); done < this.#workers; done = Atomics.load(words, DONE)) {
      if (seconds === this.#mostSeconds) {
        this.#stuck = true;
        throw new ExecutorError(`${this.#workers - done} threads did not end their share in ${seconds} s`);
      }
      if (Atomics.wait(words, DONE, done, SECOND_MS) === 'timed-out') seconds++;
    }
  }
}
