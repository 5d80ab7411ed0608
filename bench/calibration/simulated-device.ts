import { randomGenerator } from '#pruning';

/** One operating point of a simulated device. */
export interface SimulatedPoint {
  readonly name: string;
  readonly clocks: Readonly<Record<'core' | 'memory', number>>;
}

/** A device whose latencies are known, which no real one's are. */
export interface SimulatedDevice {
  readonly points: readonly SimulatedPoint[];
  /** Milliseconds, of proxy networks or of the trained ones. */
  trueMs(point: number, ratio: number, learned: boolean): number;
  /** 0 for a device that stays cool; else how much slower it is when it is hot, as a share of its latency. */
  readonly throttling: number;
  /** How long it works before it is hot. */
  readonly coolSeconds: number;
}

export const POINTS = 20;
export const RATIOS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] as const;
/** Trained widths off the proxies': standard deviation of log latency. */
const LEARNED_DEVIATION = 0.05;
const THROTTLING_SHARE = 0.1;

/**
 * Latency as overhead + compute / core clock + memory traffic / memory clock, where compute and traffic fall with the ratio in
 * steps. Fixed before anything was tuned on it.
 */
export function simulateDevice(seed: number): SimulatedDevice {
  const draw = drawsOf(seed);
  const compute = Math.exp(draw.uniform(Math.log(5), Math.log(80)));
  const overhead = compute * draw.uniform(0.02, 0.15);
  const memory = compute * draw.uniform(0, 0.4);
  const points = pointsOf(draw);
  const staircase = staircaseOf(draw);
  const computePower = draw.uniform(0.9, 1.1);
  const memoryPower = draw.uniform(0.3, 0.7);
  const deviation = deviationOf(draw);
  const throttling = draw.uniform(0, 1) < THROTTLING_SHARE ? draw.uniform(0.15, 0.5) : 0;
  const coolSeconds = draw.uniform(10, 60);
  return {
    points,
    throttling,
    coolSeconds,
    trueMs: (point, ratio, learned) => {
      const { core, memory: memoryClock } = points[point]!.clocks;
      const left = 1 - staircase(ratio);
      const shrinking =
        (compute * left ** computePower) / core + (memory * left ** memoryPower) / memoryClock;
      return overhead + shrinking * (learned ? Math.exp(LEARNED_DEVIATION * deviation(ratio)) : 1);
    },
  };
}

export interface Draws {
  uniform(low: number, high: number): number;
  normal(): number;
}

export function drawsOf(seed: number): Draws {
  const random = randomGenerator(seed);
  return {
    uniform: (low, high) => low + (high - low) * random.uniform(),
    normal: () => random.normal(),
  };
}

/** Core clocks from 1 down to a half to a quarter of it; on three devices of ten the memory clock falls in steps with them. */
function pointsOf(draw: Draws): SimulatedPoint[] {
  const slowest = 1 / draw.uniform(1.8, 4);
  const memoryLevels = draw.uniform(0, 1) < 0.3 ? [1, draw.uniform(0.5, 0.9), draw.uniform(0.3, 0.5)] : [1];
  return Array.from({ length: POINTS }, (_, i) => {
    const down = i / (POINTS - 1);
    const jitter = i === 0 || i === POINTS - 1 ? 0 : draw.uniform(-0.3, 0.3) / (POINTS - 1);
    const memory = memoryLevels[Math.floor(down * memoryLevels.length * 0.999)]!;
    return { name: `p${i}`, clocks: { core: slowest ** (down + jitter), memory } };
  });
}

/** Rounds a ratio to one that a network's channels can have: 12 to 40 uneven steps. */
function staircaseOf(draw: Draws): (ratio: number) => number {
  const steps = Math.round(draw.uniform(12, 40));
  const edges = Array.from({ length: steps }, (_, i) =>
    i === 0 ? 0 : (i + draw.uniform(-0.4, 0.4)) / steps,
  );
  return (ratio) => edges.findLast((edge) => edge <= ratio + 1e-9)!;
}

/** Smooth over the ratio, none for the dense network, standard normal from 0.2 on. */
function deviationOf(draw: Draws): (ratio: number) => number {
  const knots = [0, draw.normal(), draw.normal(), draw.normal(), draw.normal(), draw.normal()];
  return (ratio) => {
    const at = ratio * (knots.length - 1);
    const low = Math.min(Math.floor(at), knots.length - 2);
    return knots[low]! + (knots[low + 1]! - knots[low]!) * (at - low);
  };
}
