import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { WasmMemory, WasmModule } from '../web-assembly.js';

/** Words of the control block: how many jobs were given, how many shares of them are done; then the arguments. */
const [JOBS, DONE, ARGUMENTS] = [0, 1, 2];
/** Of one share, at most. */
const MOST_ARGUMENTS = 16;
/** Turns of waiting that the main thread spends awake: a share's end is near when its own is done. */
const SPINS = 20_000;

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
  if (share[0] > 0) run(...share);
  Atomics.add(words, ${DONE}, 1);
  Atomics.notify(words, ${DONE});
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

  private constructor(words: Int32Array, workers: number) {
    this.#words = words;
    this.#workers = workers;
  }

  /** @param workers besides the calling thread */
  static async start(module: WasmModule, memory: WasmMemory, workers: number): Promise<SimdWorkers> {
    const control = new SharedArrayBuffer(4 * (ARGUMENTS + MOST_ARGUMENTS * Math.max(1, workers)));
    const started = Array.from({ length: workers }, async (_, index) => {
      const workerData = { module, memory, control, index };
      const worker = new Worker(SCRIPT, { eval: true, workerData, execArgv: [] });
      await once(worker, 'message');
      worker.unref();
    });
    await Promise.all(started);
    return new SimdWorkers(new Int32Array(control), workers);
  }

  /** Runs all shares at once, one for the calling thread, which waits for the others, and one for each worker. */
  run(own: Run, [first, ...others]: readonly (readonly number[])[]): void {
    const words = this.#words;
    others.forEach((share, index) => words.set(share, ARGUMENTS + MOST_ARGUMENTS * index));
    Atomics.store(words, DONE, 0);
    Atomics.add(words, JOBS, 1);
    Atomics.notify(words, JOBS);
    if (first![0]! > 0) own(...first!);
    this.#join();
  }

  #join(): void {
    const words = this.#words;
    for (let spin = 0; spin < SPINS; spin++) {
      if (Atomics.load(words, DONE) === this.#workers) return;
    }
    for (let done = Atomics.load(words, DONE); done < this.#workers; done = Atomics.load(words, DONE)) {
      Atomics.wait(words, DONE, done);
    }
  }
}
