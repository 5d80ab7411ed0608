import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { BenchRow } from '../benchmark.js';
import { GOALS } from '../goals.js';
import { startChild } from '../service/child.js';
import { quantile, spreadOf } from '../service/quantile.js';
import type { MemoryOrder, MemoryResult } from './memory.process.js';
import { NETWORKS, writeNetwork, type NetworkFiles } from './runtime-networks.js';
import type { SwitchingOrder, SwitchingResult } from './switching.process.js';

/** How much is measured. */
export interface SwitchingScale {
  readonly switches: number;
  readonly runs: number;
  /** Times that all subnets are run before memory is read. */
  readonly rounds: number;
}

export const FULL_SWITCHING: SwitchingScale = { switches: 1000, runs: 400, rounds: 10 };
export const QUICK_SWITCHING: SwitchingScale = { switches: 12, runs: 10, rounds: 1 };

/**
 * The device runtime: how long a switch takes, what an inference costs beside a plain ONNX file, and how much memory it all takes
 * beside a session of each.
 */
export async function switchingRows(scale: SwitchingScale, say: (text: string) => void): Promise<BenchRow[]> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'isochron-bench-'));
  try {
    const rows: BenchRow[] = [];
    for (const name of Object.keys(NETWORKS)) {
      const files = await writeNetwork(name, folder);
      say(`switching between four subnets of ${name}`);
      rows.push(...(await speedRows(name, files, scale)));
      say(`memory of a runtime and of four sessions of ${name}`);
      rows.push(await memoryRow(name, files, scale));
    }
    return rows;
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}

async function speedRows(
  network: string,
  files: NetworkFiles,
  { switches, runs }: SwitchingScale,
): Promise<BenchRow[]> {
  const order: SwitchingOrder = { files, switches, runs };
  const { switchesMs, byRatio, steady } = await resultOf<SwitchingResult>('switching', order);
  const spreads = byRatio.map((each) => ({ ratio: each.ratio, switchesMs: spreadOf(each.switchesMs) }));
  const shares = steady.map(({ runtimeMs, plainMs }) => runtimeMs / plainMs);
  return [
    {
      ...{ name: `switch_p99_ms_${network}`, value: quantile(switchesMs, 0.99), unit: 'ms' },
      goal: GOALS.switch_p99_ms,
      detail: { switchesMs: spreadOf(switchesMs), byRatio: spreads },
    },
    {
      ...{ name: `steady_latency_over_plain_onnx_${network}`, value: Math.max(...shares), unit: '' },
      goal: GOALS.steady_latency_over_plain_onnx,
      detail: { steady },
    },
  ];
}

async function memoryRow(
  network: string,
  files: NetworkFiles,
  { rounds }: SwitchingScale,
): Promise<BenchRow> {
  const of = (holds: MemoryOrder['holds']) => resultOf<MemoryResult>('memory', { files, holds, rounds });
  const [none, runtime, models] = [await of('none'), await of('runtime'), await of('models')];
  const { size } = await fs.stat(files.bundle);
  return {
    ...{ name: `runtime_memory_over_four_models_${network}`, unit: '' },
    value: (runtime.rssMiB - none.rssMiB) / (models.rssMiB - none.rssMiB),
    goal: GOALS.runtime_memory_over_four_models,
    detail: {
      ...{ none, runtime, models, bundleMiB: size / 2 ** 20 },
      wholeProcesses: runtime.rssMiB / models.rssMiB,
    },
  };
}

const resultOf = <Result>(name: string, order: object): Promise<Result> =>
  startChild<Result>(name, order, import.meta.dirname).result;
