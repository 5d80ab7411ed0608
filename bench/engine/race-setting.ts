import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { BenchOptions } from '../benchmark.js';
import { pyTorchEntrant, type WrittenWork } from './entrants.js';
import type { PyTorchLayout } from './messages.js';
import type { PyTorchPeer } from './pytorch-peer.js';
import { race, type Entrant, type Finish } from './race.js';
import { writeWorkload } from './workload-folder.js';
import { initialTensors, type Workload } from './workload.js';

const SEED = 1;
const STEPS_PER_ROUND = 3;
const LAYOUTS: readonly PyTorchLayout[] = ['nchw', 'channels_last'];

/** What all races of one benchmark run share. */
export interface RaceSetting extends BenchOptions {
  /** For the workloads' files. */
  readonly folder: string;
  readonly peers: readonly PyTorchPeer[];
  /** Of every contestant. */
  readonly threads: number;
  readonly say: (text: string) => void;
}

export async function write(setting: RaceSetting, work: string, workload: Workload): Promise<WrittenWork> {
  const folder = path.join(setting.folder, work);
  await mkdir(folder, { recursive: true });
  await writeWorkload(folder, workload, initialTensors(workload, SEED));
  return { work, folder };
}

/** PyTorch on the CPU in every version and layout, one of them in a quick run. */
export function cpuPeers({ peers, quick, threads }: RaceSetting, work: WrittenWork): Entrant[] {
  const all = peers.flatMap((peer) =>
    LAYOUTS.map((layout) => pyTorchEntrant(work, peer, { layout, device: 'cpu', threads })),
  );
  return quick ? all.slice(0, 1) : all;
}

/** PyTorch on the graphics card, where there is one. */
export function cudaPeers({ peers, quick, threads }: RaceSetting, work: WrittenWork): Entrant[] {
  const able = quick ? [] : peers.filter(({ cuda }) => cuda !== null);
  return able.flatMap((peer) =>
    LAYOUTS.map((layout) => pyTorchEntrant(work, peer, { layout, device: 'cuda', threads })),
  );
}

export function runRace(setting: RaceSetting, entrants: readonly Entrant[]): Promise<Finish[]> {
  const { rounds, quick, say } = setting;
  say(entrants.map(({ work, name }) => `${work}: ${name}`).join('\n'));
  return race(
    entrants,
    quick ? { rounds: 1, stepsPerRound: 1 } : { rounds, stepsPerRound: STEPS_PER_ROUND },
    say,
  );
}
