import fc from 'fast-check';
import { costOf, denseWidths, deriveChannelGroups, resNet, sliceNetwork, type Widths } from '#network';
import { UnreachableRatioError, solveThresholds, solveUniformWidths } from './index.js';
import { macCounter } from './count-macs.js';
import { channelRanking } from './rank-channels.js';

const IMAGE = { channels: 1, height: 12, width: 10 };
const network = resNet({ depth: 8, input: IMAGE, classes: 10 });
const { groups } = deriveChannelGroups(network);
const dense = costOf(network).macs;
/** Forgives a rounding of the ratio. */
const budgetOf = (ratio: number) => (1 - ratio) * dense + 1e-3;
const macsAt = (widths: Widths) => costOf(sliceNetwork(network, widths)).macs;
const maskOf = (value: (group: number, channel: number) => number) =>
  Object.fromEntries(
    groups.map((g, group) => [g.name, Float32Array.from({ length: g.channels }, (_, c) => value(group, c))]),
  );

const constraints = fc.record({
  minChannels: fc.integer({ min: 1, max: 3 }),
  channelMultiple: fc.constantFrom(1, 2, 3, 8),
  costExponent: fc.constantFrom(0, 0.3, 1),
});
/** Few distinct values on purpose: ties are the hard case. */
const masks = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.infiniteStream(fc.nat(1000)))
  .map(([levels, numbers]) => maskOf(() => ((numbers.next().value as number) % levels) / 8 - 1));
const schedules = fc
  .uniqueArray(fc.double({ min: 0, max: 0.75, noNaN: true }), { minLength: 1, maxLength: 5 })
  .map((ratios) => ratios.sort((a, b) => a - b));

describe('solveThresholds', () => {
  test('meets every budget, leaves nothing that one more step of any group could use, and never empties a group', () => {
    fc.assert(
      fc.property(masks, schedules, constraints, (mask, ratios, rules) => {
        for (const { ratio, widths } of solveThresholds(network, mask, ratios, rules)) {
          const budget = budgetOf(ratio);
          expect(macsAt(widths)).toBeLessThanOrEqual(budget);
          const oneMore = groups
            .filter((g) => widths[g.name]! < g.channels)
            .map((g) => {
              const more = Math.min(g.channels, widths[g.name]! + rules.channelMultiple);
              return macsAt({ ...widths, [g.name]: more });
            });
          for (const macs of oneMore) expect(macs).toBeGreaterThan(budget);
          for (const g of groups) {
            const width = widths[g.name]!;
            expect(width).toBeGreaterThanOrEqual(Math.min(g.channels, rules.minChannels));
            expect(width === g.channels || width % rules.channelMultiple === 0).toBe(true);
          }
        }
      }),
    );
  });

  test('keeps the highest values of every group, and nests the subnets', () => {
    fc.assert(
      fc.property(masks, schedules, constraints, (mask, ratios, rules) => {
        const solutions = solveThresholds(network, mask, ratios, rules);
        for (const [index, { keep, widths, threshold }] of solutions.entries()) {
          const wider = solutions[index - 1];
          if (wider) expect(threshold).toBeGreaterThanOrEqual(wider.threshold);
          for (const g of groups) {
            const values = [...mask[g.name]!];
            const kept = values.filter((_, channel) => keep[g.name]![channel] === 1);
            const removed = values.filter((_, channel) => keep[g.name]![channel] === 0);
            expect(kept).toHaveLength(widths[g.name]!);
            expect(kept.length + removed.length).toBe(g.channels);
            expect(Math.min(...kept)).toBeGreaterThanOrEqual(Math.max(-Infinity, ...removed));
            if (wider)
              keep[g.name]!.forEach((bit, c) => expect(wider.keep[g.name]![c]).toBeGreaterThanOrEqual(bit));
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test('keeps what exceeds the threshold, and more channels while any still fits', () => {
    const mask = maskOf((group, channel) => 1 + ((channel * 37) % 101) / 100 + group / 5000);
    const [solution] = solveThresholds(network, mask, [0.4], { minChannels: 1, channelMultiple: 1 });
    const { threshold, widths } = solution!;
    const above = Object.fromEntries(
      groups.map((g) => [g.name, mask[g.name]!.filter((value) => value > threshold).length]),
    );
    for (const g of groups) {
      expect(widths[g.name]!).toBeGreaterThanOrEqual(above[g.name]!);
      const next = { ...widths, [g.name]: widths[g.name]! + 1 };
      expect(macsAt(next)).toBeGreaterThan(budgetOf(0.4));
    }
    expect(widths).not.toEqual(above);
  });

  test('weighs a channel by its MACs where it is asked to', () => {
    const rules = { minChannels: 1, channelMultiple: 1 };
    const even = maskOf(() => 1);
    const [plain] = solveThresholds(network, even, [0.5], rules);
    const [weighed] = solveThresholds(network, even, [0.5], { ...rules, costExponent: 1 });
    // A channel of the first stage costs more MACs than one of the last: 12x10 pixels against 3x3.
    expect(weighed!.widths['stem']!).toBeLessThan(plain!.widths['stem']!);
    expect(weighed!.widths['stage3.block1.conv1']!).toBeGreaterThan(plain!.widths['stage3.block1.conv1']!);
    expect(macsAt(weighed!.widths)).toBeLessThanOrEqual(budgetOf(0.5));
  });

  test('a negative value of a dear channel counts as worse than that of a cheap one', () => {
    const ranked = channelRanking(network, 1)(maskOf(() => -1));
    expect(groups[ranked.at(-1)!.group]!.name).toBe('stem');
    expect(ranked[0]!.value).toBeGreaterThan(ranked.at(-1)!.value);
  });

  test('keeps everything at ratio 0, below the lowest mask value', () => {
    const mask = maskOf((group, channel) => group - channel);
    const [solution] = solveThresholds(network, mask, [0], { minChannels: 1, channelMultiple: 1 });
    expect(solution!.widths).toEqual(denseWidths(network));
    expect(solution!.threshold).toBeLessThan(-59);
  });

  test('prunes a mask without spread evenly, lower channels first kept', () => {
    const [solution] = solveThresholds(
      network,
      maskOf(() => 1),
      [0.5],
      { minChannels: 1, channelMultiple: 1 },
    );
    for (const g of groups) {
      expect(solution!.widths[g.name]! / g.channels).toBeCloseTo(0.72, 1);
      expect([...solution!.keep[g.name]!].lastIndexOf(1)).toBe(solution!.widths[g.name]! - 1);
    }
  });

  test('gives one subnet to two ratios that no channel lies between', () => {
    const mask = maskOf((group, channel) => group + channel / 64);
    const rules = { minChannels: 1, channelMultiple: 1 };
    const [a, b] = solveThresholds(network, mask, [0.5, 0.500001], rules);
    expect(a!.widths).toEqual(b!.widths);
    expect(a!.threshold).toBe(b!.threshold);
  });

  test('names the ratio that the constraints put out of reach and the largest that is left', () => {
    const rules = { minChannels: 12, channelMultiple: 4 };
    const mask = maskOf(() => 1);
    const solve = (ratio: number) => solveThresholds(network, mask, [ratio], rules);
    expect(() => solve(0.9)).toThrow(UnreachableRatioError);
    const error = ((): unknown => {
      try {
        return solve(0.9);
      } catch (caught) {
        return caught;
      }
    })() as UnreachableRatioError;
    expect(error).toMatchObject({ ratio: 0.9 });
    expect(error.message).toMatch(/ratio 0\.9 .* minChannels 12 and channelMultiple 4 at most 0\.7/);
    expect(() => solve(error.largestReachable)).not.toThrow();
    expect(() => solve(error.largestReachable + 1e-4)).toThrow(UnreachableRatioError);
  });

  test.each([
    ['a ratio of 1', maskOf(() => 1), 1, 1, /pruning ratio 1: expected a number in \[0, 1\)/],
    ['a fraction of a channel', maskOf(() => 1), 0.5, 1.5, /minChannels 1.5: expected an integer/],
    [
      'a mask of another size',
      { ...maskOf(() => 1), stem: new Float32Array(3) },
      0.5,
      1,
      /"stem": expected 16 .* 3 values/,
    ],
    ['a mask without a group', {}, 0.5, 1, /"stem": expected 16 finite values, got 0 values/],
    ['a mask that is not finite', maskOf((g, c) => (g === 1 && c === 2 ? NaN : 1)), 0.5, 1, /got NaN/],
  ])('refuses %s', (_, mask, ratio, minChannels, message) => {
    expect(() => solveThresholds(network, mask, [ratio], { minChannels, channelMultiple: 1 })).toThrow(
      message,
    );
  });
});

describe('solveUniformWidths', () => {
  test('keeps one share everywhere and meets the budget within a channel', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.9, noNaN: true }), (ratio) => {
        const widths = solveUniformWidths(network, ratio, { minChannels: 1, channelMultiple: 1 });
        const shares = groups.map((g) => widths[g.name]! / g.channels);
        // One step of the coarsest groups, and what the rest of the budget gives.
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThan(2 / 16);
        expect(macsAt(widths)).toBeLessThanOrEqual(budgetOf(ratio));
        const steps = groups
          .filter((g) => widths[g.name]! < g.channels)
          .map((g) => macsAt({ ...widths, [g.name]: widths[g.name]! + 1 }));
        for (const macs of steps) expect(macs).toBeGreaterThan(budgetOf(ratio));
      }),
    );
  });

  test('is the dense network at ratio 0 and obeys the rounding', () => {
    expect(solveUniformWidths(network, 0, { minChannels: 1, channelMultiple: 1 })).toEqual(
      denseWidths(network),
    );
    const widths = solveUniformWidths(network, 0.6, { minChannels: 1, channelMultiple: 8 });
    expect(Object.values(widths).every((width) => width % 8 === 0)).toBe(true);
  });
});

test('counts MACs as the sliced network does', () => {
  const widths = fc.record(
    Object.fromEntries(groups.map((g) => [g.name, fc.integer({ min: 1, max: g.channels })])),
  );
  const macsOf = macCounter(network);
  fc.assert(fc.property(widths, (kept) => expect(macsOf(kept)).toBe(macsAt(kept))));
});
