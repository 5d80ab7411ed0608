import { firstVerificationCells, MAX_RATIOS } from '#contracts';
import {
  calibrate,
  nextCell,
  verifyPoints,
  type CalibrationCell,
  type CalibrationResult,
} from '#calibration';
import { VERIFICATION_ROUNDS } from '#jobs';
import { drawsOf, RATIOS, simulateDevice, type SimulatedDevice } from './simulated-device.js';
import { SimulatedMeter } from './simulated-meter.js';

const TOLERANCE = 0.05;
/** Beyond it a point called feasible is falsely so. */
const FALSE_BEYOND = 0.1;
/** Relative half-widths of medians' intervals, and samples at most, as measuring tasks and verifications have by default. */
const PROFILE = { interval: 0.01, maxSamples: 60 };
const VERIFY = { interval: 0.005, maxSamples: 240 };
const TARGET = { kind: 'fastest-at-ratio', ratio: 0 } as const;

/** How one simulated device fared. */
export interface DeviceOutcome {
  readonly seed: number;
  /** Points that some ratio of the trained network holds, by the truth. */
  readonly feasible: number;
  /** Of those, points whose verified ratio holds the target, by the truth. */
  readonly held: number;
  /** Points called held that are further off than a falsehood allows. */
  readonly falselyFeasible: number;
  /** Points that nothing holds and that were called held within that. */
  readonly nearlyFeasible: number;
  readonly throttles: boolean;
  /** Different cells of proxies that were measured. */
  readonly profiledCells: number;
  /** The same with references and repetitions. */
  readonly profilingMeasurements: number;
  /** Cells of trained networks that were measured. */
  readonly verifiedCells: number;
  readonly rounds: number;
}

/** Profiles, calibrates, trains and verifies one device as the service would, against its truth. */
export function simulateCalibration(seed: number): DeviceOutcome {
  const device = simulateDevice(seed);
  const meter = new SimulatedMeter(device, drawsOf(seed ^ 0x5bd1e995));
  const proxies = profile(device, meter);
  const profiledWith = meter.measurements;
  const calibration = calibrate({
    ...{ operatingPoints: [...device.points], cells: proxies },
    ...{ target: TARGET, tolerance: TOLERANCE, maxTrainedRatios: MAX_RATIOS },
  });
  const { targetMs } = calibration;
  const { outcomes, rounds, measured } = verify(device, meter, { proxies, calibration });
  const truths = device.points.map((_, point) => {
    const off = (ratio: number) => Math.abs(device.trueMs(point, ratio, true) / targetMs - 1);
    const { held, best } = outcomes[point]!;
    const reachable = candidates().some((candidate) => off(candidate) <= TOLERANCE);
    return { reachable, calledHeld: held, off: off(best!.ratio) };
  });
  const count = (of: (truth: (typeof truths)[number]) => boolean) => truths.filter(of).length;
  return {
    seed,
    feasible: count(({ reachable }) => reachable),
    held: count(({ reachable, calledHeld, off }) => reachable && calledHeld && off <= TOLERANCE),
    falselyFeasible: count(({ calledHeld, off }) => calledHeld && off > FALSE_BEYOND),
    nearlyFeasible: count(({ reachable, calledHeld }) => !reachable && calledHeld),
    throttles: device.throttling > 0,
    profiledCells: proxies.length,
    profilingMeasurements: profiledWith,
    verifiedCells: measured,
    rounds,
  };
}

/** Cells of proxies, chosen one after the other. */
function profile(device: SimulatedDevice, meter: SimulatedMeter): CalibrationCell[] {
  const operatingPoints = [...device.points];
  const cells: CalibrationCell[] = [];
  for (;;) {
    const next = nextCell({ operatingPoints, ratios: RATIOS, cells, target: TARGET, tolerance: TOLERANCE });
    if (next === undefined) meter.confirm();
    if (next === undefined) return cells;
    const point = operatingPoints.findIndex(({ name }) => name === next.operatingPoint);
    const request = { point, ratio: next.ratio, learned: false, ...PROFILE };
    const at = cells.length;
    meter.measure(request, (cell) => (cells[at] = cell));
  }
}

interface Profiled {
  readonly proxies: readonly CalibrationCell[];
  readonly calibration: CalibrationResult;
}

/** Measures trained networks as a job has them measured: dense and chosen ones first, then what points that are open ask for. */
function verify(device: SimulatedDevice, meter: SimulatedMeter, { proxies, calibration }: Profiled) {
  const operatingPoints = [...device.points];
  const { targetMs, ratios } = calibration;
  const cells = [...proxies];
  const measure = (point: number, ratio: number) => {
    const at = cells.length;
    meter.measure({ point, ratio, learned: true, ...VERIFY }, (cell) => (cells[at] = cell));
  };
  const pointOf = new Map(operatingPoints.map(({ name }, point) => [name, point]));
  for (const { operatingPoint, ratio } of firstVerificationCells(calibration)) {
    measure(pointOf.get(operatingPoint)!, ratio);
  }
  meter.confirm();
  for (let rounds = 1; ; rounds++) {
    const largestRatio = ratios.at(-1)!;
    const outcomes = verifyPoints({ operatingPoints, cells, targetMs, tolerance: TOLERANCE, largestRatio });
    const open = outcomes.flatMap(({ nextRatio }, point) =>
      nextRatio === undefined ? [] : [{ point, ratio: nextRatio }],
    );
    if (open.length === 0 || rounds === VERIFICATION_ROUNDS) {
      return { outcomes, rounds, measured: cells.length - proxies.length };
    }
    for (const { point, ratio } of open) measure(point, ratio);
    meter.confirm();
  }
}

const candidates = (): number[] => Array.from({ length: RATIOS.at(-1)! * 100 + 1 }, (_, step) => step / 100);
