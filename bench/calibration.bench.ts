import { setImmediate } from 'node:timers/promises';
import { Option } from 'commander';
import type { BenchOptions, BenchResult, BenchRow, Benchmark } from './benchmark.js';
import { calibrationMsRow } from './calibration/calibration-ms.js';
import { emulatedRows } from './calibration/emulated/emulated-rows.js';
import { simulateCalibration, type DeviceOutcome } from './calibration/simulate-calibration.js';
import { POINTS, RATIOS } from './calibration/simulated-device.js';
import { GOALS } from './goals.js';
import { positiveInteger } from './positive-integer.js';

const DEVICES = 1000;
const QUICK_DEVICES = 5;
/** Nothing was tuned on seeds from here on: those were above 50,000. */
const FIRST_SEED = 1;
const SAID_EVERY = 50;

const PARTS = ['simulated', 'emulated'] as const;
type Part = (typeof PARTS)[number];

interface CalibrationOptions {
  readonly devices?: number;
  readonly only?: Part;
}

async function run(
  say: (text: string) => void,
  options: BenchOptions & CalibrationOptions,
): Promise<BenchResult> {
  const rows: BenchRow[] = [];
  // First, while the machine is as fast as it gets.
  if (options.only !== 'simulated') rows.push(...(await emulatedRows(options.quick, say)));
  if (options.only === 'emulated') return { rows };
  const count = options.devices ?? (options.quick ? QUICK_DEVICES : DEVICES);
  const outcomes = await simulate(count, say);
  const settings = { devices: count, firstSeed: FIRST_SEED, points: POINTS, ratios: RATIOS, simulated: true };
  return { rows: [...simulatedRows(outcomes), calibrationMsRow(options.quick), ...rows], settings };
}

async function simulate(count: number, say: (text: string) => void): Promise<DeviceOutcome[]> {
  const outcomes: DeviceOutcome[] = [];
  for (let seed = FIRST_SEED; seed < FIRST_SEED + count; seed++) {
    outcomes.push(simulateCalibration(seed));
    await setImmediate(); // or nothing would hear Ctrl-C
    if (outcomes.length % SAID_EVERY === 0) say(`${outcomes.length} of ${count} simulated devices`);
  }
  return outcomes;
}

function simulatedRows(outcomes: readonly DeviceOutcome[]): BenchRow[] {
  const sum = (of: (outcome: DeviceOutcome) => number) => outcomes.reduce((all, each) => all + of(each), 0);
  const grid = outcomes.length * POINTS * RATIOS.length;
  const missed = outcomes.filter(({ held, feasible }) => held < feasible);
  const throttling = outcomes.filter(({ throttles }) => throttles);
  const shareHeld = (of: readonly DeviceOutcome[]) =>
    of.reduce((all, each) => all + each.held, 0) / of.reduce((all, each) => all + each.feasible, 0);
  return [
    {
      name: 'held_within_5_percent_share',
      value: shareHeld(outcomes),
      unit: 'of feasible points',
      goal: GOALS.held_within_5_percent_share,
      detail: {
        feasible: sum(({ feasible }) => feasible),
        points: outcomes.length * POINTS,
        throttlingDevices: throttling.length,
        heldOnThrottlingDevices: throttling.length === 0 ? null : shareHeld(throttling),
        devicesWithAMiss: missed.map(({ seed, held, feasible }) => ({ seed, held, feasible })),
      },
    },
    {
      name: 'false_feasible_devices',
      value: outcomes.filter(({ falselyFeasible }) => falselyFeasible > 0).length,
      unit: 'devices',
      goal: GOALS.false_feasible_devices,
      detail: { infeasiblePointsCalledHeldWithin10Percent: sum(({ nearlyFeasible }) => nearlyFeasible) },
    },
    {
      name: 'cells_measured_share',
      value: sum(({ profilingMeasurements }) => profilingMeasurements) / grid,
      unit: 'of the full grid',
      goal: GOALS.cells_measured_share,
      detail: {
        withoutReferencesAndRepetitions: sum(({ profiledCells }) => profiledCells) / grid,
        afterTrainingToo: sum((each) => each.profilingMeasurements + each.verifiedCells) / grid,
        verifiedCellsPerPoint: sum(({ verifiedCells }) => verifiedCells) / outcomes.length / POINTS,
        verificationRounds: sum(({ rounds }) => rounds) / outcomes.length,
      },
    },
  ];
}

export const calibration: Benchmark<CalibrationOptions> = {
  summary:
    'calibration of simulated devices whose latencies are known, of this machine under emulated clocks, and how long one takes',
  addOptions: (command) =>
    void command
      .option('--devices <count>', `simulated devices (default: ${DEVICES})`, positiveInteger)
      .addOption(new Option('--only <part>', 'one part of it').choices(PARTS)),
  run,
};
