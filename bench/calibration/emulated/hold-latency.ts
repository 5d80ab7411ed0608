import {
  calibrate,
  summarise,
  verifyPoints,
  type CalibrationCell,
  type CalibrationPoint,
  type CalibrationResult,
} from '#calibration';
import { adaptiveCells } from '#edge';
import { measureAfresh, type EmulatedSamples } from './measure-afresh.js';
import { measureAgainstReference } from './measure-against-reference.js';
import type { NetworkFiles } from './network-files.js';
import type { EmulatedScale } from './scale.js';

const TARGET = { kind: 'fastest-at-ratio', ratio: 0 } as const;
/** Finer than a user's: the figure is about how steady latency can be had. */
const TOLERANCE = 0.03;

/** What came of measuring, calibrating, training and adjusting. */
export interface HeldLatency {
  readonly targetMs: number;
  /** The ratio to run at each point. */
  readonly chosen: ReadonlyMap<string, number>;
  readonly trainedRatios: readonly number[];
  readonly proxyCells: number;
  readonly trainedCells: number;
  readonly rounds: number;
}

/** Does for this machine what agent, calibration and job do for a device: profiles, calibrates, trains, verifies and adjusts. */
export async function holdLatency(
  networks: NetworkFiles,
  scale: EmulatedScale,
  say: (text: string) => void,
): Promise<HeldLatency> {
  const { points } = scale;
  const operatingPoints = points.map(({ name, emulatedCpuShare }) => ({
    name,
    clocks: { core: emulatedCpuShare! },
  }));
  const proxies = await profile(networks, scale, operatingPoints);
  say(`measured ${proxies.length} of ${points.length * scale.ratios.length} cells of proxies`);
  const calibration = calibrate({
    ...{ operatingPoints, cells: proxies, target: TARGET, tolerance: TOLERANCE },
  });
  const { targetMs, ratios: trainedRatios } = calibration;
  say(`target ${targetMs.toFixed(1)} ms; trains ratios ${trainedRatios.join(', ')}`);
  await networks.train(trainedRatios);
  const found = await adjust(networks, scale, { operatingPoints, proxies, calibration }, say);
  return { targetMs, trainedRatios, proxyCells: proxies.length, ...found };
}

async function profile(
  networks: NetworkFiles,
  { points, ratios, protocol }: EmulatedScale,
  operatingPoints: readonly CalibrationPoint[],
): Promise<CalibrationCell[]> {
  const cells = points.flatMap(({ name }) => ratios.map((ratio) => ({ operatingPoint: name, ratio })));
  const nextCell = adaptiveCells({
    ...{ operatingPoints, target: TARGET, tolerance: TOLERANCE, mode: 'stable' },
    ...{ known: [], measuredBefore: [] },
    cells: cells.map((cell, index) => ({ ...cell, index })),
  });
  const files = await networks.proxies(ratios);
  return (await measureAfresh({ points, cells, files, protocol, nextCell })).map(cellOf);
}

interface Profiled {
  readonly operatingPoints: readonly CalibrationPoint[];
  readonly proxies: readonly CalibrationCell[];
  readonly calibration: CalibrationResult;
}

async function adjust(
  networks: NetworkFiles,
  { points, finalProtocol: protocol, processesPerCell, maxRounds }: EmulatedScale,
  { operatingPoints, proxies, calibration: { targetMs, ratios, choices } }: Profiled,
  say: (text: string) => void,
): Promise<Pick<HeldLatency, 'chosen' | 'trainedCells' | 'rounds'>> {
  const trained: CalibrationCell[] = [];
  const largestRatio = ratios.at(-1)!;
  // By the target's definition, and so what every sample is compared with.
  const reference = { operatingPoint: points[0]!.name, ratio: 0 };
  let open = choices.map(({ operatingPoint, ratio }) => ({ operatingPoint, ratio }));
  for (let rounds = 1; ; rounds++) {
    say(`round ${rounds}: measures ${open.length} cells of trained networks`);
    const files = await networks.trained([0, ...open.map(({ ratio }) => ratio)]);
    const measured = await measureAgainstReference({
      ...{ points, cells: open, files, protocol, processesPerCell },
      ...{ reference, referenceMs: targetMs },
    });
    trained.push(...measured.map((samples) => ({ ...cellOf(samples), learned: true })));
    const cells = [...proxies, ...trained];
    const outcomes = verifyPoints({ operatingPoints, cells, targetMs, tolerance: TOLERANCE, largestRatio });
    open = outcomes.flatMap(({ operatingPoint, nextRatio }) =>
      nextRatio === undefined ? [] : [{ operatingPoint, ratio: nextRatio }],
    );
    if (open.length === 0 || rounds === maxRounds) {
      const chosen = new Map(outcomes.map(({ operatingPoint, best }) => [operatingPoint, best!.ratio]));
      return { chosen, trainedCells: trained.length, rounds };
    }
  }
}

function cellOf({ operatingPoint, ratio, samplesMs }: EmulatedSamples): CalibrationCell {
  const { p50Ms, p50LowMs, p50HighMs } = summarise(samplesMs);
  return { operatingPoint, ratio, p50Ms, p50LowMs, p50HighMs };
}
