import type { BenchRow } from '../benchmark.js';
import { isMet, missingSeeds, mustLandOf } from '../goals.js';
import { terminalTable } from '../terminal-table.js';
import type { AccuracyRun } from './accuracy-run.js';
import { accuracyRows } from './accuracy-rows.js';
import { madeUpRun } from './accuracy-runs.fixture.js';
import { bundleRow } from './bundle-size.js';
import { claimRows } from './claims.js';

/** Two whole seeds, a third one that lacks the independents, and one seed of the peer. */
const runs: AccuracyRun[] = [
  madeUpRun('all-in-one', 1, [92, 90], {
    trainingMacs: 11e8,
    untrained: [
      { ratio: 0.25, accuracy: 0.905, macs: 750 },
      { ratio: 0.4, accuracy: 0.904, macs: 600 },
    ],
  }),
  madeUpRun('uniform-slimmable', 1, [91, 89]),
  madeUpRun('independent', 1, [92.2, 89]),
  madeUpRun('pytorch-usnet', 1, [91.2, 89.2]),
  madeUpRun('all-in-one', 2, [93, 91], {
    trainingMacs: 11e8,
    untrained: [
      { ratio: 0.25, accuracy: 0.925, macs: 750 },
      { ratio: 0.4, accuracy: 0.914, macs: 600 },
    ],
  }),
  madeUpRun('uniform-slimmable', 2, [91, 89]),
  madeUpRun('independent', 2, [93, 91.8]),
  madeUpRun('all-in-one', 3, [10, 10], {
    untrained: [
      { ratio: 0.25, accuracy: 0.1, macs: 750 },
      { ratio: 0.4, accuracy: 0.1, macs: 600 },
    ],
  }),
  madeUpRun('uniform-slimmable', 3, [91, 89]),
];
const asked = { seeds: 3, peerSeeds: 1 };
const wholeSeeds = runs.filter(({ seed }) => seed < 3);
const rows = claimRows(runs, asked);
const row = (name: string, among: readonly BenchRow[] = rows) => among.find((each) => each.name === name)!;

describe('claims from runs', () => {
  it('pair the methods by seed, over the seeds that all of them finished', () => {
    const { value, interval, detail } = row('all_in_one_minus_uniform_mean_points');
    expect(value).toBeCloseTo(1.5);
    expect(detail).toMatchObject({ seeds: [1, 2], seedsAsked: 3 });
    expect((detail['bySeed'] as number[]).map((each) => Math.round(each * 10))).toEqual([10, 20]);
    // Deviation sqrt(0.5), of the mean 0.5, times 12.7062.
    expect(interval![0]).toBeCloseTo(1.5 - 6.3531, 4);
  });

  it('take the ratio at which the mean over the seeds is worst', () => {
    // Ratio 0: -0.2 and 0; ratio 0.5: 1 and -0.8, whose worst seed is no matter.
    const { value, detail } = row('all_in_one_minus_independent_worst_points');
    expect(value).toBeCloseTo(-0.1);
    expect(detail).toMatchObject({ kind: 'worst-ratio', ratio: 0, byRatio: [{ ratio: 0 }, { ratio: 0.5 }] });
  });

  it('compare the largest subnet with the dense network, and MACs with those of all independents', () => {
    expect(row('all_in_one_at_0_minus_dense_points').value).toBeCloseTo(-0.1);
    expect(row('training_macs_over_independents').value).toBeCloseTo(1.1);
  });

  it('measure untrained ratios from the line between their neighbours', () => {
    // 0.25: lines 91 and 92, found 90.5 and 92.5: 0.5 and -0.5. 0.4: lines 90.4 and 91.4, found the same.
    const { value, detail } = row('untrained_ratio_error_points');
    expect(value).toBeCloseTo(0);
    const byRatio = detail['byRatio'] as { bySeed: number[] }[];
    expect(byRatio[0]!.bySeed.map((each) => Math.round(each * 10))).toEqual([5, -5]);
  });

  it('about the peer take the ratio at which both differ most, whoever is ahead, and need two seeds', () => {
    const peer = (...points: (readonly [number, number])[]) => {
      const peers = points.map((each, i) => madeUpRun('pytorch-usnet', i + 1, each));
      const own = runs.filter(({ method }) => method !== 'pytorch-usnet');
      const counts = { seeds: 3, peerSeeds: points.length };
      return row('uniform_minus_pytorch_usnet_worst_points', claimRows([...own, ...peers], counts));
    };
    // Ours has 91 and 89: 2 points ahead at one ratio and 2 behind at the other are no agreement.
    const apart = peer([89, 90.8], [89, 91]);
    expect(apart.value).toBeCloseTo(2);
    expect(apart.detail).toMatchObject({ kind: 'worst-ratio', ratio: 0, seeds: [1, 2], seedsAsked: 2 });
    expect(isMet(apart.goal!, apart)).toBe(false);

    const near = peer([91.1, 89.4], [90.9, 89.2]);
    expect(near.value).toBeCloseTo(-0.3);
    expect(near.detail).toMatchObject({ ratio: 0.5, byRatio: [{ ratio: 0 }, { ratio: 0.5 }] });
    expect(isMet(near.goal!, near)).toBe(true);

    const alone = peer([91.1, 89.2]);
    expect(alone.value).toBeCloseTo(-0.2);
    expect(isMet(alone.goal!, alone)).toBe(false);
  });

  it('about the peer do not ask for more seeds than there are of the method beside it', () => {
    const { detail } = row(
      'uniform_minus_pytorch_usnet_worst_points',
      claimRows(wholeSeeds, { seeds: 2, peerSeeds: 5 }),
    );
    expect(detail).toMatchObject({ seeds: [1], seedsAsked: 2 });
  });

  it('are not met over fewer seeds than were asked for', () => {
    const met = (seeds: number) => {
      const claim = row('training_macs_over_independents', claimRows(runs, { seeds, peerSeeds: 1 }));
      return [isMet(claim.goal!, claim), missingSeeds(claim)];
    };
    expect(met(2)).toEqual([true, '']);
    expect(met(5)).toEqual([false, ' (2 of 5 seeds)']);
    expect(terminalTable(rows)).toContain('MISSED (2 of 3 seeds)');
  });

  it('are left out where no seed is whole', () => {
    expect(claimRows(runs.slice(0, 2), asked)).toEqual([]);
  });

  it('refuse runs of other untrained ratios', () => {
    const [first, ...others] = wholeSeeds as [AccuracyRun, ...AccuracyRun[]];
    const changed = others.map((run) => (run.method === 'all-in-one' ? { ...run, untrained: [] } : run));
    expect(() => claimRows([first, ...changed], asked)).toThrow(
      'all-in-one seed 2 has no untrained ratio 0.25',
    );
  });

  it('refuse runs of other ratios', () => {
    const other = madeUpRun('independent', 3, [92, 90]);
    const changed = { ...other, ratios: other.ratios.slice(0, 1) };
    expect(() => claimRows([...runs, changed], asked)).toThrow('independent seed 3 did not train ratio 0.5');
  });
});

describe('what must land', () => {
  const goal = row('all_in_one_minus_uniform_mean_points').goal!;
  it.each([
    [0.1, [-0.2, 0.4], true],
    [0.1, [-0.4, 0.6], false],
    [-0.1, [-0.2, 0], false],
    [0.1, undefined, false],
  ] as const)('a mean of %d within %j: %s', (value, interval, met) => {
    expect(isMet(goal, { value, ...(interval && { interval }), detail: {} })).toBe(met);
  });

  it('on both sides of zero', () => {
    const { goal: peer } = row('uniform_minus_pytorch_usnet_worst_points');
    const met = (value: number) => isMet(peer!, { value, interval: [value - 1, value + 1], detail: {} });
    expect([-0.6, -0.4, 0.4, 0.6].map(met)).toEqual([false, true, true, false]);
    expect(isMet(peer!, { value: 0, detail: {} })).toBe(false);
    expect(mustLandOf(peer!)).toBe('± 0.5, at least 2 seeds');
  });
});

describe('accuracies by method and ratio', () => {
  const all = accuracyRows(runs);

  it('are means over the seeds, with every seed beside them', () => {
    const { value, detail } = row('accuracy_uniform_slimmable_at_0_5', all);
    expect(value).toBeCloseTo(89);
    expect(detail).toMatchObject({ seeds: [1, 2, 3], bySeed: [89, 89, 89], macs: 500, trained: true });
    expect(row('training_macs_all_in_one', all).detail).toMatchObject({ secondsBySeed: [10, 10, 10] });
  });

  it('refuse seeds that have other ratios than the first', () => {
    const [first, , , , second] = runs as [AccuracyRun, AccuracyRun, AccuracyRun, AccuracyRun, AccuracyRun];
    expect(() => accuracyRows([first, { ...second, untrained: [] }])).toThrow('seed 2 has no ratio 0.25');
  });
});

test('a bundle is hardly larger than the dense weights', () => {
  const bundle = bundleRow([0, 0.3, 0.5, 0.7]);
  expect(bundle.value).toBeGreaterThan(1);
  expect(isMet(bundle.goal!, bundle)).toBe(true);
});
