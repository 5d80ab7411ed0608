import type { BenchOptions, BenchResult, Benchmark } from './benchmark.js';
import { FULL_SWITCHING, QUICK_SWITCHING, switchingRows } from './registry/switching.js';

async function run(say: (text: string) => void, { quick }: BenchOptions): Promise<BenchResult> {
  const switching = quick ? QUICK_SWITCHING : FULL_SWITCHING;
  return { rows: await switchingRows(switching, say), settings: { switching } };
}

export const registry: Benchmark = {
  summary: 'the device runtime: time of a switch, of an inference beside plain ONNX files, and memory',
  run,
};
