import type { BenchOptions, BenchResult, Benchmark } from './benchmark.js';
import { FULL_SWITCHING, QUICK_SWITCHING, switchingRows } from './registry/switching.js';
import { FULL_TRANSFERS, QUICK_TRANSFERS, transferRows } from './registry/transfers.js';

async function run(say: (text: string) => void, { quick, rounds }: BenchOptions): Promise<BenchResult> {
  const switching = quick ? QUICK_SWITCHING : FULL_SWITCHING;
  const transfers = { ...(quick ? QUICK_TRANSFERS : FULL_TRANSFERS), rounds };
  const rows = [...(await transferRows(transfers, say)), ...(await switchingRows(switching, say))];
  return { rows, settings: { transfers, switching } };
}

export const registry: Benchmark = {
  summary:
    'publishing and fetching bundles beside copies of their files, a fleet that fetches at once; the device runtime: time of a ' +
    'switch, of an inference beside plain ONNX files, and memory',
  run,
};
