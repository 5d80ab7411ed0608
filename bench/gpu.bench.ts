import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { probeEngines, type Availability } from '#engine';
import type { BenchOptions, BenchResult, BenchRow, Benchmark } from './benchmark.js';
import { REFERENCE, type Engine } from './engine/entrants.js';
import { findPyTorchPeers } from './engine/pytorch-peer.js';
import { raceGpu } from './engine/race-gpu.js';
import type { RaceSetting } from './engine/race-setting.js';
import { makeWorkloads } from './engine/workloads.js';

const GPU_PROVIDERS = ['cuda', 'webgpu', 'tensorflow-gpu'];
/** The engine benchmark's, and one that keeps a large card busier. */
const BATCH_SIZES = [64, 512];

async function run(say: (text: string) => void, options: BenchOptions): Promise<BenchResult> {
  const found = await probeEngines();
  const engines: readonly Engine[] = options.quick ? [REFERENCE] : gpuEngines(found);
  const peers = await findPyTorchPeers(options.peerPythons, say);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'isochron-bench-'));
  try {
    const threads = options.quick ? 1 : os.availableParallelism();
    const setting: RaceSetting = { ...options, folder, peers, say, threads };
    const rows: BenchRow[] = [];
    for (const batchSize of options.quick ? [BATCH_SIZES[0]!] : BATCH_SIZES) {
      const { dense, joint } = makeWorkloads(options.quick, batchSize);
      const works = { dense, joint: joint['free_widths']! };
      for (const [step, workload] of Object.entries(works)) {
        const name = `${step}_batch_${workload.training.batchSize}`;
        rows.push(...(await raceGpu(setting, { name, workload, engines })));
      }
    }
    return { rows, versions: versionsOf(found, peers) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws Error with the reason of each engine that would use a graphics card, where none does */
function gpuEngines(found: readonly Availability[]): Engine[] {
  const ofCards = found.filter(({ provider }) => GPU_PROVIDERS.includes(provider));
  const usable = ofCards.filter(({ available, fallback }) => available && !fallback);
  if (usable.length > 0) return usable.map(({ executor, provider }) => ({ executor, provider }));
  const reasons = ofCards.map(({ executor, provider, reason }) => `${executor} ${provider}: ${reason}`);
  throw new Error(`no engine computes on a graphics card here:\n${reasons.join('\n')}`);
}

/** Of PyTorch, and the card by the name that each side knows it by. */
function versionsOf(
  found: readonly Availability[],
  peers: Awaited<ReturnType<typeof findPyTorchPeers>>,
): Record<string, string> {
  const cards = found.filter(({ provider, available }) => available && GPU_PROVIDERS.includes(provider));
  return {
    ...Object.fromEntries(
      cards.map(({ executor, provider, detail }) => [`${executor} ${provider}`, detail ?? 'no name']),
    ),
    ...Object.fromEntries(
      peers.map(({ torch, python, cuda }) => [`PyTorch ${torch} (Python ${python})`, cuda ?? 'no CUDA']),
    ),
  };
}

export const gpu: Benchmark = {
  summary: 'training steps of ResNet-20 on graphics cards, in turns with PyTorch on CUDA',
  run,
};
