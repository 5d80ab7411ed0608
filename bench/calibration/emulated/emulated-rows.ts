import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { stabilityOf } from '#calibration';
import type { BenchRow } from '../../benchmark.js';
import { GOALS } from '../../goals.js';
import type { CalibratedDetail, DenseDetail, EmulatedCell } from './emulated-detail.js';
import { holdLatency, type HeldLatency } from './hold-latency.js';
import { measureFinally, type FinalCells } from './measure-finally.js';
import { NetworkFiles } from './network-files.js';
import { FULL_SCALE, QUICK_SCALE, type EmulatedScale } from './scale.js';

/**
 * Really measures on this machine, under emulated clocks, how far latency spreads over them with the dense network and with
 * what calibration chose. The figures come from processes that had no part in the choice, and from every one of their samples:
 * nothing is dropped but warm-up, nothing sleeps or waits for a latency.
 */
export async function emulatedRows(quick: boolean, say: (text: string) => void): Promise<BenchRow[]> {
  const scale = quick ? QUICK_SCALE : FULL_SCALE;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'isochron-bench-'));
  try {
    const networks = await NetworkFiles.open(folder, scale, os.availableParallelism());
    const held = await holdLatency(networks, scale, say);
    return rowsOf(await measureFinally(networks, scale, held, say), held, scale);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function rowsOf(cells: FinalCells, { chosen: _, ...held }: HeldLatency, scale: EmulatedScale): BenchRow[] {
  const { batch, threads } = scale.finalProtocol;
  const detailOf = (of: readonly EmulatedCell[]) => ({
    ...stabilityOf(of.map(({ p50Ms }) => p50Ms)),
    ...{ emulated: true as const, cells: of },
  });
  const dense: DenseDetail = { ...detailOf(cells.dense), network: scale.network, batch, threads };
  const calibrated: CalibratedDetail = { ...detailOf(cells.calibrated), ...held };
  return [
    { name: 'emulated_dense_spread', value: dense.spread, unit: SPREAD, detail: { ...dense } },
    {
      ...{ name: 'emulated_calibrated_spread', value: calibrated.spread, unit: SPREAD },
      ...{ goal: GOALS.emulated_calibrated_spread, detail: { ...calibrated } },
    },
    {
      ...{ name: 'emulated_variance_reduction', value: dense.varianceMs2 / calibrated.varianceMs2 },
      ...{ unit: 'x less variance of p50s', goal: GOALS.emulated_variance_reduction },
      detail: {
        emulated: true,
        ofAllSamples: varianceOfSamples(cells.dense) / varianceOfSamples(cells.calibrated),
      },
    },
  ];
}

const SPREAD = 'x, largest p50 over smallest';

const varianceOfSamples = (cells: readonly EmulatedCell[]): number =>
  stabilityOf(cells.flatMap(({ processesMs }) => processesMs.flat())).varianceMs2;
