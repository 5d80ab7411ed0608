import type { BenchRow } from '../benchmark.js';
import { MAIN_ENGINE, engineEntrant, nameOfEngine, type Engine } from './entrants.js';
import { cudaPeers, runRace, write, type RaceSetting } from './race-setting.js';
import { imagesPerSecondRow, shareRow } from './rows.js';
import type { Workload } from './workload.js';

export interface GpuRace {
  /** Of the workload; stands in the rows' names. */
  readonly name: string;
  readonly workload: Workload;
  /** Those of graphics cards. */
  readonly engines: readonly Engine[];
}

/** One step on graphics cards, on the CPU, whose losses they are held to, and on PyTorch with CUDA. */
export async function raceGpu(
  setting: RaceSetting,
  { name, workload, engines }: GpuRace,
): Promise<BenchRow[]> {
  const work = await write(setting, name, workload);
  const peers = cudaPeers(setting, work);
  const finishes = await runRace(setting, [
    ...[MAIN_ENGINE, ...engines].map((engine) => engineEntrant(work, engine, setting.threads)),
    ...peers,
  ]);
  const peerFinishes = finishes.filter((finish) => peers.some((peer) => peer.name === finish.name));
  return [
    ...engines.flatMap((engine) => {
      const finish = finishes.find((each) => each.name === nameOfEngine(engine));
      return shareRow(`${name}_share_of_pytorch_cuda_${slug(engine)}`, finish, peerFinishes);
    }),
    ...finishes.map((finish) => {
      const row = imagesPerSecondRow(finish, workload.training.batchSize);
      return { ...row, name: `${row.name}_${name}` };
    }),
  ];
}

const slug = (engine: Engine): string => nameOfEngine(engine).replaceAll(/[^a-z0-9]+/g, '_');
