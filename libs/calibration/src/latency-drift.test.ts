import {
  BLOCKS_BETWEEN_FALSE_ALARMS,
  DRIFT_BLOCK,
  driftEvidence,
  NO_DRIFT_SEEN,
  testDrift,
  type DriftVerdict,
} from './index.js';

/** Numerical Recipes' quick generator: enough for noise that is the same in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}
const REFERENCE = { predictedMs: 20, tolerance: 0.05 };

function alarmsIn(blocks: number, latencyMs: (i: number) => number): number {
  let verdict: DriftVerdict = { state: NO_DRIFT_SEEN, drifted: undefined };
  let alarms = 0;
  for (let block = 0; block < blocks; block++) {
    const latencies = Array.from({ length: DRIFT_BLOCK }, (_, i) => latencyMs(block * DRIFT_BLOCK + i));
    verdict = testDrift(verdict.state, latencies, REFERENCE);
    if (verdict.drifted === undefined) continue;
    alarms++;
    verdict = { state: NO_DRIFT_SEEN, drifted: undefined };
  }
  return alarms;
}

describe('a test of field latencies', () => {
  it('raises no alarm on noise around the prediction, heavy tails and slow waves among it', () => {
    const random = generator(1);
    const noisy = (i: number) => {
      const outlier = random() < 0.05 ? 3 : 1;
      return 20 * outlier * (1 + 0.02 * Math.sin(i / 500) + 0.2 * (random() - 0.5));
    };
    expect(alarmsIn(20_000, noisy)).toBe(0);
  });

  it('raises hardly more false alarms than stated where every other median is outside', () => {
    const random = generator(7);
    // All of a block lies on one side, each as often as the other: the worst that is no drift.
    let outside = false;
    const edge = (i: number) => {
      if (i % DRIFT_BLOCK === 0) outside = random() < 0.5;
      return outside ? 22 : 20;
    };
    const blocks = 4 * BLOCKS_BETWEEN_FALSE_ALARMS;
    // A Poisson count of mean 4 is larger than 12 once in 3,000 tries.
    expect(alarmsIn(blocks, edge)).toBeLessThanOrEqual(12);
  });

  it.each([
    ['slower', 1.08],
    ['faster', 0.92],
  ])('finds a device that has become %s within 40 blocks, also after a long calm', (drifted, factor) => {
    const random = generator(3);
    const latencies = (count: number, ms: number) =>
      Array.from({ length: count }, () => ms * (1 + 0.06 * (random() - 0.5)));
    const calm = testDrift(NO_DRIFT_SEEN, latencies(5000, 20), REFERENCE);
    expect(calm.drifted).toBeUndefined();
    const after = testDrift(calm.state, latencies(40 * DRIFT_BLOCK, 20 * factor), REFERENCE);
    expect(after.drifted).toBe(drifted);
    // The newest medians that are shown begin shortly before the change.
    const medians = after.state.recentMediansMs;
    expect(medians[0]! / 20).toBeCloseTo(1, 1);
    for (const median of medians.slice(1)) expect(median / 20).toBeCloseTo(factor, 1);
  });

  it('finds it within 200 blocks where noise puts the median of every fifth on the other side', () => {
    const random = generator(5);
    const block = () => Array<number>(DRIFT_BLOCK).fill(random() < 0.8 ? 22 : 20);
    const tries = Array.from({ length: 100 }, () => {
      const latencies = Array.from({ length: 200 }, block).flat();
      return testDrift(NO_DRIFT_SEEN, latencies, REFERENCE).drifted;
    });
    expect(tries.filter((drifted) => drifted === 'slower').length).toBeGreaterThanOrEqual(98);
  });

  it('says the same whether latencies come one by one or all at once', () => {
    const latencies = Array.from({ length: 137 }, (_, i) => 20 + (i % 7) / 3);
    const atOnce = testDrift(NO_DRIFT_SEEN, latencies, REFERENCE).state;
    const oneByOne = latencies.reduce((state, ms) => testDrift(state, [ms], REFERENCE).state, NO_DRIFT_SEEN);
    expect(JSON.parse(JSON.stringify(oneByOne))).toEqual(atOnce);
  });

  it('keeps an alarm and what raised it, whatever follows in the same call or later', () => {
    const slow = Array<number>(400).fill(22);
    const calm = Array<number>(20_000).fill(20);
    const alarm = testDrift(NO_DRIFT_SEEN, slow, REFERENCE);
    expect(alarm.drifted).toBe('slower');
    expect(driftEvidence(alarm.state).slower).toBeGreaterThanOrEqual(BLOCKS_BETWEEN_FALSE_ALARMS);
    expect(testDrift(NO_DRIFT_SEEN, [...slow, ...calm], REFERENCE)).toEqual(alarm);
    expect(testDrift(alarm.state, calm, REFERENCE)).toEqual(alarm);
  });

  it('refuses what is no latency, naming it', () => {
    expect(() => testDrift(NO_DRIFT_SEEN, [1, Number.NaN], REFERENCE)).toThrow('latenciesMs[1]: NaN');
    expect(() => testDrift(NO_DRIFT_SEEN, [], { predictedMs: 0, tolerance: 0.1 })).toThrow('predictedMs: 0');
    expect(() => testDrift(NO_DRIFT_SEEN, [], { predictedMs: 1, tolerance: 1.5 })).toThrow('tolerance: 1.5');
  });
});
