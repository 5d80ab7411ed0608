import type { BenchRow } from '../benchmark.js';
import { MAIN_ENGINE, engineEntrant } from './entrants.js';
import { cpuPeers, runRace, write, type RaceSetting } from './race-setting.js';
import { keptMacsRow, memoryRow, shareRow } from './rows.js';
import type { Workload } from './workload.js';
import { NOMINAL_MACS, keptMacsOf } from './workloads.js';

/** A joint step of several subnets on the main engine and on PyTorch, beside the main engine's dense step. */
export async function raceJoint(
  setting: RaceSetting,
  widths: string,
  workload: Workload,
  dense: Workload,
): Promise<BenchRow[]> {
  const work = await write(setting, `joint_${widths}`, workload);
  const denseWork = await write(setting, `dense_beside_joint_${widths}`, dense);
  const [ours, ourDense, ...peers] = await runRace(setting, [
    engineEntrant(work, MAIN_ENGINE, setting.threads),
    engineEntrant(denseWork, MAIN_ENGINE, setting.threads),
    ...cpuPeers(setting, work),
  ]);
  const rows = [
    ...shareRow(`joint_step_share_of_pytorch_${widths}`, ours, peers),
    keptMacsRow(
      `joint_step_over_kept_macs_${widths}`,
      { joint: ours!, dense: ourDense! },
      { keptMacs: keptMacsOf(workload), nominalMacs: NOMINAL_MACS },
    ),
    ...memoryRow(`peak_memory_over_pytorch_joint_${widths}`, ours!, peers),
  ];
  return rows.map((row) => ({ ...row, detail: { ...row.detail, widths: workload.members } }));
}
