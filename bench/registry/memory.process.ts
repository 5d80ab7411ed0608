/** Holds a bundle's subnets in memory in one of two ways, runs them all, and says how much memory that took. */
import fs from 'node:fs';
import { answerOrder } from '../service/child.js';
import { openPlain, openRuntime } from './open-runtime.js';
import { RATIOS, imageOf, type NetworkFiles } from './runtime-networks.js';

export interface MemoryOrder {
  readonly files: NetworkFiles;
  /** `models`: a session of each plain ONNX file. `none`: nothing but what both are made with. */
  readonly holds: 'runtime' | 'models' | 'none';
  readonly rounds: number;
}

export interface MemoryResult {
  /** Resident set at the end. */
  readonly rssMiB: number;
  /** The most it ever was. */
  readonly peakMiB: number;
}

const RUNS = 5;

answerOrder<MemoryOrder, MemoryResult>(async ({ files, holds, rounds }) => {
  if (holds === 'runtime') await switchAround(files, rounds);
  if (holds === 'models') await runAll(files, rounds);
  return { rssMiB: statusMiB('VmRSS'), peakMiB: statusMiB('VmHWM') };
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

function statusMiB(field: string): number {
  const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(
    fs.readFileSync('/proc/self/status', 'utf8'),
  );
  return Number(kibibytes![1]) / 1024;
}
