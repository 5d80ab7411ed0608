import { verifyPoints, type CalibrationCell, type PointVerification } from './index.js';
import { measured as medianOf } from './testing/known-device.js';

const CLOCKS = [1, 0.75, 0.5];
const operatingPoints = CLOCKS.map((clock) => ({ name: `at ${clock}`, clocks: { cpuHz: clock } }));
const nameOf = (i: number) => operatingPoints[i]!.name;
const proxyMs = (clock: number, ratio: number) => 1 + (10 * (1 - ratio)) / clock;
const proxies: CalibrationCell[] = CLOCKS.flatMap((clock, i) =>
  [0, 0.25, 0.5, 0.75].map((ratio) => ({
    operatingPoint: nameOf(i),
    ratio,
    ...medianOf(proxyMs(clock, ratio)),
  })),
);
const wanted = { targetMs: 11, tolerance: 0.05, largestRatio: 0.75 };

/** Measures trained networks until nothing is left to measure. */
function verifyAll(learnedMs: (clock: number, ratio: number) => number, targetMs = wanted.targetMs) {
  const cells = [...proxies];
  for (;;) {
    const outcomes = verifyPoints({ ...wanted, operatingPoints, cells, targetMs });
    const open = outcomes.flatMap(({ operatingPoint, nextRatio }) =>
      nextRatio === undefined ? [] : [{ operatingPoint, ratio: nextRatio }],
    );
    if (open.length === 0) return { outcomes, measured: cells.slice(proxies.length) };
    for (const { operatingPoint, ratio } of open) {
      const clock = CLOCKS[operatingPoints.findIndex(({ name }) => name === operatingPoint)]!;
      cells.push({ operatingPoint, ratio, ...medianOf(learnedMs(clock, ratio), 0.002), learned: true });
    }
  }
}

const isHeld = ({ held, best }: PointVerification) =>
  held && Math.abs(best!.measuredMs / wanted.targetMs - 1) <= wanted.tolerance;

describe('verifying a trained network', () => {
  it('measures each point once where the trained network is as fast as its proxy', () => {
    const { outcomes, measured } = verifyAll(proxyMs);
    expect(outcomes.every(isHeld)).toBe(true);
    expect(measured).toHaveLength(CLOCKS.length);
  });

  it('moves the ratio where the trained network is slower than its proxy', () => {
    const slower = (clock: number, ratio: number) => proxyMs(clock, ratio) * (ratio > 0 ? 1.09 : 1);
    const { outcomes, measured } = verifyAll(slower);
    expect(outcomes.every(isHeld)).toBe(true);
    expect(measured.length).toBeLessThanOrEqual(3 * CLOCKS.length);
    expect(outcomes[2]!.best!.ratio).toBeGreaterThan(0.5);
  });

  it('finds the ratio behind a step', () => {
    const stepped = (clock: number, ratio: number) => proxyMs(clock, Math.floor(ratio * 8) / 8);
    expect(verifyAll(stepped).outcomes.every(isHeld)).toBe(true);
  });

  it('calls a point missed only after measuring it, with the nearest that was measured', () => {
    const { outcomes } = verifyAll(proxyMs, 4);
    expect(outcomes[0]).toMatchObject({ held: true });
    expect(outcomes[2]).toMatchObject({ held: false, best: { ratio: 0.75 } });
    expect(outcomes[2]!.best!.measuredMs).toBeCloseTo(proxyMs(0.5, 0.75), 9);
  });

  it('asks first for the ratio that the proxies suggest', () => {
    const first = verifyPoints({ ...wanted, operatingPoints, cells: proxies });
    for (const point of first) expect(point).toMatchObject({ held: false });
    expect(first[0]!.nextRatio).toBeLessThan(0.05);
    expect(first[2]!.nextRatio).toBeCloseTo(0.5, 1);
  });

  it('adjusts a point that it misses at every trained ratio, however many there are', () => {
    const trained = Array.from({ length: 12 }, (_, i) => i * 0.05);
    const learned = CLOCKS.flatMap((clock, i) =>
      trained.map((ratio) => {
        const median = medianOf(1.25 * proxyMs(clock, ratio), 0.002);
        return { operatingPoint: nameOf(i), ratio, ...median, learned: true };
      }),
    );
    const slow = verifyPoints({ ...wanted, operatingPoints, cells: [...proxies, ...learned] })[2]!;
    expect(slow).toMatchObject({ held: false, best: { ratio: trained.at(-1) } });
    expect(slow.nextRatio).toBeCloseTo(1 - (11 / 1.25 - 1) / 20, 1);
  });

  it('asks for the ratio that comes nearest where none is likely at all', () => {
    const ratioFor = (targetMs: number) =>
      verifyPoints({ ...wanted, operatingPoints, cells: proxies, targetMs }).map(
        ({ nextRatio }) => nextRatio,
      );
    expect(ratioFor(0.001)).toEqual([0.75, 0.75, 0.75]);
    expect(ratioFor(1e6)).toEqual([0, 0, 0]);
  });

  it('passes over cells of points that are not to be verified', () => {
    const some = operatingPoints.slice(1);
    const verified = verifyPoints({ ...wanted, operatingPoints: some, cells: proxies });
    expect(verified.map(({ operatingPoint }) => operatingPoint)).toEqual(some.map(({ name }) => name));
  });

  it('calls a deadline kept by a few samples only where their widened interval keeps it', () => {
    const verify = (learned: object) => {
      const cells = [
        ...proxies,
        { operatingPoint: nameOf(2), ratio: 0.5, p50Ms: 10.8, learned: true, ...learned },
      ];
      return verifyPoints({ ...wanted, operatingPoints, cells, mode: 'deadline' })[2]!.held;
    };
    expect(verify({ p50LowMs: 10.7, p50HighMs: 10.9, n: 12 })).toBe(true);
    expect(verify({ p50LowMs: 10.7, p50HighMs: 10.9, n: 3 })).toBe(false);
  });

  /** What each round says of a point, until none asks for more. */
  function deadlineRounds(point: number, learnedMs: (clock: number, ratio: number) => number) {
    const cells = [...proxies];
    const rounds: PointVerification[] = [];
    for (;;) {
      const outcomes = verifyPoints({ ...wanted, operatingPoints, cells, mode: 'deadline' });
      rounds.push(outcomes[point]!);
      const open = outcomes.flatMap(({ nextRatio }, i) => (nextRatio === undefined ? [] : { i, nextRatio }));
      if (open.length === 0) return rounds;
      for (const { i, nextRatio: ratio } of open) {
        const p50Ms = learnedMs(CLOCKS[i]!, ratio);
        cells.push({ operatingPoint: nameOf(i), ratio, ...medianOf(p50Ms, 0.002), learned: true });
      }
    }
  }

  it.each([
    ['as fast as its proxy', 1],
    ['faster', 0.85],
    ['slower', 1.07],
  ])('looks for the smallest ratio that meets a deadline, the trained network being %s', (_, factor) => {
    const learnedMs = (clock: number, ratio: number) => proxyMs(clock, ratio) * (ratio > 0 ? factor : 1);
    for (const [point, clock] of CLOCKS.entries()) {
      const rounds = deadlineRounds(point, learnedMs);
      const { held, best } = rounds.at(-1)!;
      expect(held).toBe(true);
      expect(best!.measuredMs).toBeLessThanOrEqual(11);
      if (best!.ratio > 0) expect(learnedMs(clock, best!.ratio - 0.05)).toBeGreaterThan(11);
      expect(rounds.length).toBeLessThanOrEqual(8);
    }
  });
});
