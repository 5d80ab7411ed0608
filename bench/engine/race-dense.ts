import type { BenchRow } from '../benchmark.js';
import { GOALS } from '../goals.js';
import { MAIN_ENGINE, engineEntrant, nameOfEngine, type Engine } from './entrants.js';
import { cpuPeers, cudaPeers, runRace, write, type RaceSetting } from './race-setting.js';
import { imagesPerSecondRow, memoryRow, shareRow } from './rows.js';
import type { Workload } from './workload.js';

const WASM: Engine = { executor: 'tfjs', provider: 'wasm' };

/** The dense step on every engine of this machine and on PyTorch. */
export async function raceDense(
  setting: RaceSetting,
  workload: Workload,
  others: readonly Engine[],
): Promise<BenchRow[]> {
  const work = await write(setting, 'dense', workload);
  const engines = [MAIN_ENGINE, ...others];
  const peers = cpuPeers(setting, work);
  const finishes = await runRace(setting, [
    ...engines.map((engine) => engineEntrant(work, engine, setting.threads)),
    ...peers,
    ...cudaPeers(setting, work),
  ]);
  const finishOf = (engine: Engine) => finishes.find(({ name }) => name === nameOfEngine(engine));
  const peerFinishes = finishes.filter(({ name }) => peers.some((peer) => peer.name === name));
  const share = (row: 'dense_step_share_of_pytorch' | 'wasm_dense_step_share_of_pytorch', engine: Engine) =>
    shareRow(row, finishOf(engine), peerFinishes, GOALS[row]);
  if (!setting.quick && !finishOf(WASM)) setting.say(`no ${nameOfEngine(WASM)}: its row is left out`);
  return [
    ...share('dense_step_share_of_pytorch', MAIN_ENGINE),
    ...share('wasm_dense_step_share_of_pytorch', WASM),
    ...memoryRow('peak_memory_over_pytorch_dense', finishOf(MAIN_ENGINE)!, peerFinishes),
    ...finishes.map((finish) => imagesPerSecondRow(finish, workload.training.batchSize)),
  ];
}
