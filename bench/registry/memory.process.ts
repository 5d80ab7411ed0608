/** Holds a network's subnets in memory in one of two ways, runs them all, and says how much memory that took. */
import fs from 'node:fs';
import { answerOrder } from '../service/child.js';
import { openPlain, openRuntime } from './open-runtime.js';
import { RATIOS, imageOf, type NetworkFiles } from './runtime-networks.js';

export interface MemoryOrder {
  readonly files: NetworkFiles;
  /** Is run once and released first: what Node, onnxruntime and the code take whatever they hold is not counted. */
  readonly first: Pick<NetworkFiles, 'models' | 'image'>;
  /** `models`: a session of each plain ONNX file. */
  readonly holds: 'runtime' | 'models';
  readonly rounds: number;
}

/** Of resident set, once all subnets were run and the largest is in use. */
export interface MemoryResult {
  readonly grownMiB: number;
  readonly wholeProcessMiB: number;
}

const RUNS = 5;

answerOrder<MemoryOrder, MemoryResult>(async ({ files, first, holds, rounds }) => {
  touchYoungGeneration();
  const smallest = await openPlain(first.models.at(-1)!, first);
  await smallest.run();
  await smallest.release();
  const before = residentMiB();
  await (holds === 'runtime' ? switchAround(files, rounds) : runAll(files, rounds));
  const wholeProcessMiB = residentMiB();
  return { grownMiB: wholeProcessMiB - before, wholeProcessMiB };
});

async function switchAround(files: NetworkFiles, rounds: number): Promise<void> {
  const runtime = await openRuntime(files);
  const image = imageOf(files.image);
  for (let i = 0; i < rounds * RATIOS.length; i++) {
    await runtime.setOperatingPoint(String(RATIOS[(i + 1) % RATIOS.length]));
    for (let run = 0; run < RUNS; run++) await runtime.infer(image);
  }
}

async function runAll(files: NetworkFiles, rounds: number): Promise<void> {
  const models = await Promise.all(files.models.map((file) => openPlain(file, files)));
  for (let i = 0; i < rounds; i++) {
    for (const model of models) for (let run = 0; run < RUNS; run++) await model.run();
  }
}

/** Objects that die young: Node gets this memory sooner or later whatever it runs, and would get it in the middle of the figures. */
function touchYoungGeneration(): void {
  let kept: object[] = [];
  for (let i = 0; i < 5_000_000; i++) {
    kept.push({ i });
    if (kept.length === 1000) kept = [];
  }
}

function residentMiB(): number {
  const status = fs.readFileSync('/proc/self/status', 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) / 1024;
}
