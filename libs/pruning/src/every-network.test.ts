import fc from 'fast-check';
import { sizeOf } from '#graph';
import { costOf, denseWidths, deriveChannelGroups, sliceNetwork, type Network } from '#network';
import { solveThresholds, solveUniformWidths } from './index.js';
import { denseNetLike, inceptionLike } from './concatenating-networks.fixture.js';
import { macCounter } from './count-macs.js';
import { batchNormLayouts, parameterLayouts, shapeOf } from './parameters.js';
import { offeredNetworks, otherLayerKinds } from './small-networks.fixture.js';

const RATIOS = [0, 0.3, 0.5, 0.7];
const RULES = { minChannels: 1, channelMultiple: 1 };

describe.each<[string, Network]>([
  ...offeredNetworks(),
  ['a network of all other layer kinds', otherLayerKinds()],
  ['a DenseNet-like network', denseNetLike()],
  ['an Inception-like network', inceptionLike()],
])('%s', (_, network) => {
  const { groups } = deriveChannelGroups(network);
  const dense = costOf(network).macs;
  const widths = fc.record(
    Object.fromEntries(groups.map((g) => [g.name, fc.integer({ min: 1, max: g.channels })])),
  );
  const masks = fc.record(
    Object.fromEntries(
      groups.map(({ name, channels }) => [
        name,
        fc.float32Array({ minLength: channels, maxLength: channels, min: -1, max: 2, noNaN: true }),
      ]),
    ),
  );

  test('counts the MACs of any widths as those of the sliced network', () => {
    const macsOf = macCounter(network);
    const property = fc.property(widths, (kept) => {
      expect(macsOf(kept)).toBe(costOf(sliceNetwork(network, kept)).macs);
    });
    fc.assert(property, { numRuns: 20 });
  });

  test('is dense at ratio 0, and its smaller subnets are nested and leave no channel that their budgets allow', () => {
    const macsOf = macCounter(network);
    const property = fc.property(masks, fc.constantFrom(0, 0.3, 1), (mask, costExponent) => {
      const solutions = solveThresholds(network, mask, RATIOS, { ...RULES, costExponent });
      expect(solutions[0]!.widths).toEqual(denseWidths(network));
      for (const [index, { ratio, widths: kept, keep }] of solutions.entries()) {
        const budget = (1 - ratio) * dense + 1e-3;
        expect(macsOf(kept)).toBeLessThanOrEqual(budget);
        const stillFits = groups.filter(
          ({ name, channels }) =>
            kept[name]! < channels && macsOf({ ...kept, [name]: kept[name]! + 1 }) <= budget,
        );
        expect(stillFits).toEqual([]);
        const wider = solutions[index - 1]?.keep;
        const added = groups.filter(({ name }) =>
          keep[name]!.some((bit, c) => bit > (wider?.[name]![c] ?? 1)),
        );
        expect(added).toEqual([]);
      }
    });
    fc.assert(property, { numRuns: 5 });
  });

  test('has a parameter for every one it counts, at uniform widths too', () => {
    for (const ratio of RATIOS) {
      const small = sliceNetwork(network, solveUniformWidths(network, ratio, RULES));
      const sizes = [...parameterLayouts(small), ...batchNormLayouts(small)].map((layout) =>
        sizeOf(shapeOf(layout)),
      );
      expect(sizes.reduce((a, b) => a + b)).toBe(costOf(small).parameters);
    }
  });
});
