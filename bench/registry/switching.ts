import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { BenchRow } from '../benchmark.js';
import { GOALS } from '../goals.js';
import { median } from '../median.js';
import { startChild } from '../service/child.js';
import { quantile, spreadOf } from '../service/quantile.js';
import type { MemoryOrder, MemoryResult } from './memory.process.js';
import { writeNetwork, type NetworkFiles } from './runtime-networks.js';
import type { SwitchingOrder, SwitchingResult } from './switching.process.js';

/** How much is measured. */
export interface SwitchingScale {
  readonly switches: number;
  readonly runs: number;
  /** Times that all subnets are run before memory is read. */
  readonly rounds: number;
  /** Processes of each kind whose memory is read. */
  readonly processes: number;
}

export const FULL_SWITCHING: SwitchingScale = { switches: 1000, runs: 400, rounds: 10, processes: 5 };
export const QUICK_SWITCHING: SwitchingScale = { switches: 12, runs: 10, rounds: 1, processes: 1 };

/** What docs/device-runtime.md tells to start a process with: memory that a switch frees goes back to the system. */
const RECOMMENDED = { MALLOC_MMAP_THRESHOLD_: '131072' };
type Environment = Readonly<Record<string, string>>;

/**
 * The device runtime: how long a switch takes, what an inference costs beside a plain ONNX file, and how much memory it all takes
 * beside a session of each.
 */
export async function switchingRows(scale: SwitchingScale, say: (text: string) => void): Promise<BenchRow[]> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'isochron-bench-'));
  try {
    const small = await writeNetwork('resnet20', folder);
    const large = await writeNetwork('mobilenetv2', folder);
    const part: Part = { scale, say, first: small };
    return [
      ...(await speedRows('resnet20', small, part)),
      ...(await speedRows('mobilenetv2', large, part)),
      await memoryRow({ resnet20: small, mobilenetv2: large }, part),
    ];
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}

interface Part {
  readonly scale: SwitchingScale;
  readonly say: (text: string) => void;
  /** Whose smallest subnet memory is read after. */
  readonly first: NetworkFiles;
}

async function speedRows(
  network: string,
  files: NetworkFiles,
  { scale: { switches, runs }, say }: Part,
): Promise<BenchRow[]> {
  const order: SwitchingOrder = { files, switches, runs };
  say(`switching between four subnets of ${network}`);
  const { switchesMs, byRatio, steady } = await resultOf<SwitchingResult>('switching', order, RECOMMENDED);
  const spreads = byRatio.map((each) => ({ ratio: each.ratio, switchesMs: spreadOf(each.switchesMs) }));
  say('the same without the recommended setting');
  const other = await resultOf<SwitchingResult>('switching', order, {});
  const worstShare = ({ steady: all }: SwitchingResult) =>
    Math.max(...all.map(({ runtimeMs, plainMs }) => runtimeMs / plainMs));
  return [
    {
      ...{ name: `switch_p99_ms_${network}`, value: quantile(switchesMs, 0.99), unit: 'ms' },
      goal: GOALS.switch_p99_ms,
      detail: {
        ...{ switchesMs: spreadOf(switchesMs), byRatio: spreads, environment: RECOMMENDED },
        withoutSettingMs: spreadOf(other.switchesMs),
      },
    },
    {
      name: `steady_latency_over_plain_onnx_${network}`,
      value: worstShare({ switchesMs, byRatio, steady }),
      unit: 'times',
      goal: GOALS.steady_latency_over_plain_onnx,
      detail: { steady, environment: RECOMMENDED, withoutSetting: worstShare(other) },
    },
  ];
}

/** Of the larger network; what the runtime itself takes weighs more where a network takes next to nothing. */
async function memoryRow(
  networks: Readonly<Record<'resnet20' | 'mobilenetv2', NetworkFiles>>,
  part: Part,
): Promise<BenchRow> {
  const measured = await memoryOf(networks.mobilenetv2, part, RECOMMENDED);
  const { size } = await fs.stat(networks.mobilenetv2.bundle);
  return {
    ...{ name: 'runtime_memory_over_four_models', value: measured.share, unit: 'times' },
    goal: GOALS.runtime_memory_over_four_models,
    detail: {
      ...{ network: 'mobilenetv2', ...measured, bundleMiB: size / 2 ** 20, environment: RECOMMENDED },
      withoutSetting: await memoryOf(networks.mobilenetv2, part, {}),
      resnet20: await memoryOf(networks.resnet20, part, RECOMMENDED),
    },
  };
}

/** Medians over processes: where the collector happens to be is worth some MiB. */
async function memoryOf(files: NetworkFiles, { scale, say, first }: Part, environment: Environment) {
  say('memory of a runtime and of four sessions');
  const of = async (holds: MemoryOrder['holds']) => {
    const order: MemoryOrder = { files, first, holds, rounds: scale.rounds };
    const results: MemoryResult[] = [];
    while (results.length < scale.processes) {
      results.push(await resultOf<MemoryResult>('memory', order, environment));
    }
    const grownMiB = results.map((result) => result.grownMiB);
    const wholeProcessMiB = median(results.map((result) => result.wholeProcessMiB));
    return { medianMiB: median(grownMiB), grownMiB, wholeProcessMiB };
  };
  const [runtime, models] = [await of('runtime'), await of('models')];
  return { share: runtime.medianMiB / models.medianMiB, runtime, models };
}

const resultOf = <Result>(name: string, order: object, environment: Environment): Promise<Result> =>
  startChild<Result>(name, order, { folder: import.meta.dirname, environment }).result;
