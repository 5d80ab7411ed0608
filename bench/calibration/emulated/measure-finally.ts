import { summarise } from '#calibration';
import { randomGenerator } from '#pruning';
import type { EmulatedCell } from './emulated-detail.js';
import type { HeldLatency } from './hold-latency.js';
import { measureAfresh, type EmulatedSamples } from './measure-afresh.js';
import type { NetworkFiles } from './network-files.js';
import type { EmulatedScale } from './scale.js';

/** Of the order in which cells are measured. */
const SEED = 1;

/** The dense network and the chosen one at every operating point. */
export interface FinalCells {
  readonly dense: readonly EmulatedCell[];
  readonly calibrated: readonly EmulatedCell[];
}

/** Each cell in several fresh processes, in rounds of another order each, so that a slow minute of the machine hits all alike. */
export async function measureFinally(
  networks: NetworkFiles,
  { points, finalProtocol: protocol, processesPerCell }: EmulatedScale,
  { chosen }: HeldLatency,
  say: (text: string) => void,
): Promise<FinalCells> {
  const files = await networks.trained([0, ...chosen.values()]);
  const dense = points.map(({ name }) => ({ operatingPoint: name, ratio: 0 }));
  const calibrated = points.map(({ name }) => ({ operatingPoint: name, ratio: chosen.get(name)! }));
  const cells = [...dense, ...calibrated];
  const found = cells.map(() => [] as EmulatedSamples[]);
  const random = randomGenerator(SEED);
  for (let round = 1; round <= processesPerCell; round++) {
    say(`figures: process ${round} of ${processesPerCell} of each of ${cells.length} cells`);
    for (const index of shuffled(cells.length, random)) {
      const [samples] = await measureAfresh({ points, cells: [cells[index]!], files, protocol });
      found[index]!.push(samples!);
    }
  }
  const accuracies = new Map<number, number>();
  for (const ratio of files.keys()) accuracies.set(ratio, await networks.accuracyOf(ratio));
  const described = found.map((processes) => describe(processes, accuracies));
  return { dense: described.slice(0, points.length), calibrated: described.slice(points.length) };
}

function describe(
  processes: readonly EmulatedSamples[],
  accuracies: ReadonlyMap<number, number>,
): EmulatedCell {
  const { operatingPoint, ratio, emulation } = processes[0]!;
  const processesMs = processes.map(({ samplesMs }) => samplesMs);
  const { p50Ms, p50LowMs, p50HighMs, p90Ms } = summarise(processesMs.flat());
  const accuracy = accuracies.get(ratio)!;
  return { operatingPoint, ratio, accuracy, emulation, processesMs, p50Ms, p50LowMs, p50HighMs, p90Ms };
}

function shuffled(count: number, random: ReturnType<typeof randomGenerator>): number[] {
  const keys = Array.from({ length: count }, () => random.uniform());
  return keys.map((_, index) => index).sort((a, b) => keys[a]! - keys[b]!);
}
