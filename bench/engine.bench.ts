import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { probeEngines } from '#engine';
import type { BenchOptions, BenchResult, BenchRow, Benchmark } from './benchmark.js';
import { dataPath } from './data-path.bench.js';
import { REFERENCE, otherEngines } from './engine/entrants.js';
import { findPyTorchPeers, type PyTorchPeer } from './engine/pytorch-peer.js';
import { raceDense } from './engine/race-dense.js';
import { raceJoint } from './engine/race-joint.js';
import type { RaceSetting } from './engine/race-setting.js';
import { worstRow } from './engine/rows.js';
import { makeWorkloads } from './engine/workloads.js';
import { GOALS } from './goals.js';

const THREADS = 2;
/** Below it nothing else can have kept a core busy. */
const QUIET_LOAD = 0.7;

async function run(say: (text: string) => void, options: BenchOptions): Promise<BenchResult> {
  const [load] = os.loadavg() as [number];
  if (load > QUIET_LOAD && !options.quick)
    say(`the machine is busy (load ${load.toFixed(1)}): figures will be off`);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'isochron-bench-'));
  try {
    const peers = await findPyTorchPeers(options.peerPythons, say);
    // What else runs beside a quick run would make two threads wait for each other.
    const setting: RaceSetting = { ...options, folder, peers, say, threads: options.quick ? 1 : THREADS };
    const workloads = makeWorkloads(options.quick);
    const engines = options.quick ? [REFERENCE] : otherEngines(await probeEngines());
    const rows = await raceDense(setting, workloads.dense, engines);
    for (const [widths, workload] of Object.entries(workloads.joint)) {
      rows.push(...(await raceJoint(setting, widths, workload, workloads.dense)));
    }
    if (!options.quick) rows.push(...(await dataPath.run(say, options)).rows);
    return { rows: [...headlines(rows), ...rows], versions: versionsOf(peers) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Goals that are about the worst of several figures. */
function headlines(rows: readonly BenchRow[]): BenchRow[] {
  const worst = (name: keyof typeof GOALS, works: readonly string[]) => {
    const of = works.map((work) => `${name}_${work}`);
    return worstRow(
      name,
      rows.filter((row) => of.includes(row.name)),
      GOALS[name],
    );
  };
  const bothWidths = ['free_widths', 'multiple_of_8'];
  return [
    ...worst('joint_step_share_of_pytorch', bothWidths),
    ...worst('joint_step_over_kept_macs', bothWidths),
    ...worst('peak_memory_over_pytorch', ['dense', ...bothWidths.map((widths) => `joint_${widths}`)]),
  ];
}

function versionsOf(peers: readonly PyTorchPeer[]): Record<string, string> {
  if (peers.length === 0) return {};
  return { pytorch: peers.map(({ torch, python }) => `${torch} (Python ${python})`).join(', ') };
}

export const engine: Benchmark = {
  summary: 'training steps of ResNet-20 on every engine, in turns with PyTorch',
  run,
};
