import { denseWidths, mobileNetV2, resNet, type Network } from '#network';
import { denseNetLike, inceptionLike } from './concatenating-networks.fixture.js';
import { SubnetCutter, foldBatchNorm, subnetOf, type Family } from './index.js';
import { randomModel, selectSubnet } from './masked-network.fixture.js';
import { prefixSelection } from './select-channels.js';

const input = { channels: 3, height: 16, width: 16 };
const NETWORKS: [string, Network][] = [
  ['ResNet-8', resNet({ depth: 8, input, classes: 10, widthMultiplier: 0.5 })],
  ['MobileNetV2', mobileNetV2({ input, classes: 10, widthMultiplier: 0.125 })],
  ['a network of dense blocks', denseNetLike()],
  ['a network of branches', inceptionLike()],
];
const SHARES = [1, 0.7, 0.4, 0.01];

/** Members of the given shares of every group, none of whose BatchNorm is another's. */
function familyOf(network: Network): Family {
  const model = randomModel(network, 1);
  const members = SHARES.map((share, index) => {
    const widths = Object.fromEntries(
      Object.entries(denseWidths(network)).map(([group, width]) => [group, Math.ceil(share * width)]),
    );
    const { batchNorm } = selectSubnet(network, randomModel(network, index), prefixSelection(widths));
    return { ratio: 1 - share, threshold: 0, widths, cost: { macs: 1, parameters: 1 }, batchNorm };
  });
  return { network, parameters: model.parameters, mask: model.mask, members };
}

describe.each(NETWORKS)('%s', (_, network) => {
  const family = familyOf(network);
  const ratios = family.members.map(({ ratio }) => ratio);

  test('is sliced to the leading channels of every group', () => {
    for (const { ratio, widths } of family.members) {
      const model = { ...randomModel(network, 1), parameters: family.parameters };
      const expected = selectSubnet(network, model, prefixSelection(widths));
      expect(subnetOf(family, ratio).parameters).toEqual(expected.parameters);
    }
  });

  test('is cut again and again into what slicing and folding apart give', () => {
    const cutter = new SubnetCutter(family);
    for (const ratio of [...ratios, ...ratios.toReversed()]) {
      const subnet = subnetOf(family, ratio);
      const { memory, ...cut } = cutter.cut(ratio);
      expect(cut).toEqual({ ...subnet, ...foldBatchNorm(subnet) });
      const copied = Object.values(cut.parameters).filter(({ data }) => data.buffer === memory);
      expect(memory.byteLength).toBe(copied.reduce((sum, { data }) => sum + data.byteLength, 0));
    }
  });

  test('leaves the family as it is', () => {
    const before = structuredClone(family);
    const cutter = new SubnetCutter(family);
    for (const ratio of ratios) cutter.cut(ratio);
    expect(family).toEqual(before);
  });
});

test('a ratio that the family lacks is refused', () => {
  expect(() => new SubnetCutter(familyOf(NETWORKS[0]![1])).cut(0.5)).toThrow(
    /pruning ratio 0.5 is not in the family: expected one of 0, /,
  );
});
