import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeBundle } from '#bundle';
import { costOf, denseWidths, resNet } from '#network';
import { randomSubnet, solveUniformWidths } from '#pruning';
import { temporaryFolder } from '#testkit';
import { plan } from './plan.js';
import type { PruningPlan } from './pruning-plan.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => void (folder = await temporaryFolder('plan')));
afterAll(() => folder.remove());

const inFolder = async (name: string, content: string | Uint8Array): Promise<string> => {
  const file = path.join(folder.path, name);
  await writeFile(file, content);
  return file;
};
const jsonOf = async (...argv: string[]): Promise<PruningPlan> => {
  const { exitCode, output, errors } = await plan([...argv, '--json']);
  expect([exitCode, errors]).toEqual([0, '']);
  return JSON.parse(output) as PruningPlan;
};
const refusal = async (...argv: string[]): Promise<string> => {
  const { exitCode, output, errors } = await plan(argv);
  expect([exitCode, output]).toEqual([2, '']);
  return errors;
};

describe('the plan of a known network', () => {
  test('has channels, MACs and parameters of every ratio, from uniform widths', async () => {
    const found = await jsonOf('--network', 'resnet8', '--ratios', '0,.5', '--channel-multiple', '1');
    const network = resNet({ depth: 8, input: { channels: 3, height: 32, width: 32 }, classes: 10 });
    expect(found).toMatchObject({ network: 'resnet8', widths: 'uniform', classes: 10 });
    expect(found.constraints).toEqual({ minChannels: 2, channelMultiple: 1 });
    expect(found.ratios[0]).toEqual({
      ...{ ratio: 0, ...costOf(network), macsRemoved: 0, parametersRemoved: 0 },
      widths: denseWidths(network),
    });
    const widths = solveUniformWidths(network, 0.5, { minChannels: 2, channelMultiple: 1 });
    expect(found.ratios[1]!.widths).toEqual(widths);
    expect(found.ratios[1]!.macsRemoved).toBeGreaterThanOrEqual(0.5);
    expect(found.layers.find(({ name }) => name === 'stage1.block1.conv2')).toEqual({
      ...{ name: 'stage1.block1.conv2', kind: 'conv', segments: [{ size: 16, group: 'stem' }] },
      ...{ channels: [16, widths['stem']], macs: 32 * 32 * 16 * 16 * 9, parameters: 16 * 16 * 9 },
    });
  });

  test('takes input, classes, multiplier and form', async () => {
    const large = ['--input', '3x224x224', '--classes', '1000', '--form', 'imagenet', '--ratios', '0'];
    const found = await jsonOf('--network', 'mobilenetv2', ...large);
    expect(found.ratios[0]).toMatchObject({ macs: 300_774_272, parameters: 3_504_872 });
    const half = await jsonOf('--network', 'mobilenetv1', ...large, '--width-multiplier', '.5');
    expect(Math.round(half.ratios[0]!.macs / 1e6)).toBe(149);
  });

  test('is a table for people, which says that nothing was learned yet', async () => {
    const { exitCode, output } = await plan(['--network', 'resnet8', '--ratios', '0,0.5']);
    expect(exitCode).toBe(0);
    expect(output).toContain('There is no mask yet: every group keeps the same share of its channels');
    expect(output).toMatch(/│ stage1\.block1\.conv2 +│ conv +│ stem +│ 2,359,296 │ +16 │ +12 │/);
    expect(output).toMatch(/│ classifier +│ dense +│ none: classes/);
    expect(output).toMatch(/│ 0\.5 +│ +6,200,760 │ +50\.4 % │/);
  });
});

describe('of two ratios closer than one channel', () => {
  const note =
    'pruning ratios 0.5 and 0.5001 are closer than one channel: they have the same subnet, each with a BatchNorm of its own';

  test('the plan names both', async () => {
    const argv = ['--network', 'resnet8', '--ratios', '0,.5,.5001,.7'];
    const { notes, ratios } = await jsonOf(...argv);
    expect(notes).toEqual([note]);
    expect(ratios[1]!.widths).toEqual(ratios[2]!.widths);
    const { output } = await plan(argv);
    expect(output.trimEnd().split('\n').slice(-2)).toEqual(['', `Note: ${note}.`]);
  });

  test('the plan of a bundle names both', async () => {
    const network = resNet({ depth: 8, input: { channels: 1, height: 12, width: 12 }, classes: 4 });
    const [dense, widths] = [denseWidths(network), { ...denseWidths(network), stem: 3 }];
    const members = [
      { ratio: 0, widths: dense },
      { ratio: 0.5, widths },
      { ratio: 0.5001, widths },
    ].map((member) => ({
      ...{ ...member, threshold: 0, cost: costOf(network) },
      batchNorm: randomSubnet(network, member.widths, 1).batchNorm,
    }));
    const mask = Object.fromEntries(
      Object.entries(dense).map(([group, size]) => [group, new Float32Array(size)]),
    );
    const { parameters } = randomSubnet(network, dense, 1);
    const file = await inFolder('close.bundle', writeBundle({ network, parameters, mask, members }, {}));
    expect((await jsonOf('--bundle', file)).notes).toEqual([note]);
  });

  test('nothing is said of ratios that differ', async () => {
    const argv = ['--network', 'resnet8', '--ratios', '0,.5'];
    expect((await jsonOf(...argv)).notes).toEqual([]);
    expect((await plan(argv)).output).not.toContain('Note:');
  });
});

test('layers may have names that every object has', async () => {
  const named = (names: string[]) => ({
    name: 'odd',
    layers: [
      ...[0, 1].map((i) => {
        const input = i === 0 ? 'input' : names[i - 1];
        return { kind: 'conv', name: names[i], input, outChannels: 16, kernel: 3, padding: 1 };
      }),
      { kind: 'global-average-pool', name: names[2], input: names[1] },
      { kind: 'dense', name: names[3], input: names[2] },
    ],
  });
  const planned = async (...names: string[]) => {
    const found = await jsonOf('--network', await inFolder('odd.json', JSON.stringify(named(names))));
    return { ...found, widths: found.ratios.map(({ widths }) => Object.entries(widths)) };
  };
  const plain = await planned('a', 'b', 'c', 'd');
  const odd = await planned('constructor', 'toString', 'valueOf', 'hasOwnProperty');
  const renamed = (group: string) => (group === 'a' ? 'constructor' : 'toString');
  expect(odd.widths).toEqual(
    plain.widths.map((widths) => widths.map(([group, width]) => [renamed(group), width])),
  );
  expect(odd.ratios.map(({ macs, parameters }) => [macs, parameters])).toEqual(
    plain.ratios.map(({ macs, parameters }) => [macs, parameters]),
  );
  expect(odd.layers.map(({ channels }) => channels)).toEqual(plain.layers.map(({ channels }) => channels));
});

test('the example of the documentation is a plan', async () => {
  const file = path.resolve(import.meta.dirname, '../../../../docs/examples/dense-blocks.json');
  const found = await jsonOf('--network', file);
  const joined = found.layers.find(({ name }) => name === 'block1.layer3.joined')!;
  expect(joined.segments.map(({ size, group }) => [size, group])).toEqual([
    [24, 'stem'],
    [12, 'block1.layer1'],
    [12, 'block1.layer2'],
    [12, 'block1.layer3'],
  ]);
  expect(joined.channels[0]).toBe(60);
  const { output } = await plan(['--network', file]);
  expect(output).toMatch(/│ block1\.layer3\.joined +│ concat │ stem \+ 3 more +│/);
});

test('a bundle has the plan that its training learned', async () => {
  const network = resNet({ depth: 8, input: { channels: 1, height: 12, width: 12 }, classes: 4 });
  const widths = { ...denseWidths(network), stem: 3 };
  const { parameters } = randomSubnet(network, denseWidths(network), 1);
  const mask = Object.fromEntries(
    Object.entries(denseWidths(network)).map(([group, size]) => [group, new Float32Array(size)]),
  );
  const members = [{ ratio: 0.4, threshold: 0.25, widths, cost: costOf(network) }].map((member) => {
    return { ...member, batchNorm: randomSubnet(network, widths, 1).batchNorm };
  });
  const file = await inFolder('some.bundle', writeBundle({ network, parameters, mask, members }, {}));
  const found = await jsonOf('--bundle', file);
  expect(found).toMatchObject({ widths: 'learned', ratios: [{ ratio: 0.4, threshold: 0.25, widths }] });
  const { output } = await plan(['--bundle', file]);
  expect(output).toContain('The widths are those that training learned.');
});

describe('says what is wrong, and ends with 2,', () => {
  test.each<[string, string[], RegExp]>([
    ['without a network', [], /expected --network or --bundle/],
    [
      'of an unknown network',
      ['--network', 'lenet'],
      /no network "lenet": expected one of resnet8, .*mobilenetv2/,
    ],
    [
      'of both',
      ['--network', 'resnet8', '--bundle', 'x'],
      /--network.* cannot be used with option '--bundle/,
    ],
    [
      'of ratios that cannot be reached',
      ['--network', 'resnet8', '--width-multiplier', '.25', '--ratios', '0,.95'],
      /pruning ratio 0\.95 is out of reach: .* at most 0\.\d+ of the MACs/,
    ],
    [
      'of ratios that are none',
      ['--network', 'resnet8', '--ratios', '0,1'],
      /argument '0,1' is invalid\. expected ascending numbers from 0 to 0\.95 without duplicates/,
    ],
    [
      'of a ratio twice',
      ['--network', 'resnet8', '--ratios', '0,.5,.5'],
      /argument '0,\.5,\.5' is invalid\. expected ascending numbers from 0 to 0\.95 without duplicates/,
    ],
    [
      'of ratios in another order',
      ['--network', 'resnet8', '--ratios', '.5,0'],
      /argument '\.5,0' is invalid\. expected ascending numbers from 0 to 0\.95 without duplicates/,
    ],
    ['of images that are none', ['--network', 'resnet8', '--input', '32x32'], /as in 3x32x32/],
    [
      'of a form that a network has not',
      ['--network', 'vgg16', '--form', 'small'],
      /vgg16 takes no such option/,
    ],
    [
      'of an unknown form',
      ['--network', 'mobilenetv1', '--form', 'big'],
      /--form big: expected one of "small"/,
    ],
    [
      'of a multiplier out of bounds',
      ['--network', 'resnet8', '--width-multiplier', '9'],
      /--width-multiplier 9: expected a number of at most 4/,
    ],
    ['of a file that is not there', ['--network', 'no-such.json'], /no-such\.json cannot be read: ENOENT/],
    ['of an unknown option', ['--network', 'resnet8', '--ratio', '0'], /unknown option '--ratio'/],
  ])('%s', async (_case, argv, message) => {
    expect((await refusal(...argv)).replaceAll('\n', ' ')).toMatch(message);
  });

  test.each<[string, string, RegExp]>([
    [
      'that ceases to be JSON',
      '{\n  "name": "n",\n  "layers": [\n    {},\n  ]\n}\n',
      /line 5: not valid JSON/,
    ],
    ['that ends too soon', '{\n  "name": "n",\n', /line 3: not valid JSON/],
    [
      'with a wrong field',
      '{"name": "n", "layers": [{"kind": "conv", "name": "a", "input": "input", "outChannels": 8, "kernel": 0}]}',
      /layers\[0\]\.kernel is 0: expected a number of at least 1/,
    ],
    [
      'with a field too many and one missing',
      '{"name": "n", "layers": [{"kind": "dense", "name": "a", "inputs": "input"}]}',
      /layers\[0\]\.input is missing: expected string[^]*layers\[0\]\.inputs is "input": expected no field/,
    ],
    [
      'of layers that do not fit',
      '{"name": "n", "layers": [{"kind": "dense", "name": "a", "input": "input"}]}',
      /layer "a": dense needs a pooled input, got \[3, 32, 32\]/,
    ],
    [
      'of which nothing can be pruned',
      '{"name": "n", "layers": [{"kind": "global-average-pool", "name": "a", "input": "input"}, {"kind": "dense", "name": "b", "input": "a"}]}',
      /network "n" has no channels that can be pruned: expected at least one convolution/,
    ],
  ])('of a description %s', async (_case, content, message) => {
    const file = await inFolder('mine.json', content);
    const errors = await refusal('--network', file);
    expect(errors).toContain(file);
    expect(errors).toMatch(message);
  });

  test('of a bundle that is none', async () => {
    expect(await refusal('--bundle', await inFolder('no.bundle', 'no'))).toMatch(/no\.bundle is no bundle: /);
  });
});

test('--help lists the options and the networks', async () => {
  const { exitCode, output } = await plan(['--help']);
  expect(exitCode).toBe(0);
  expect(output).toMatch(/--channel-multiple <n>[^]*Networks: resnet8, resnet14/);
});
