import { NetworkSpec } from './index.js';

const layer = { kind: 'conv', name: 'a', input: 'input', outChannels: 8, kernel: 3 };
const custom = (change: object, ...others: object[]) => ({
  family: 'custom',
  description: { name: 'mine', layers: [{ ...layer, ...change }, ...others] },
});
const wrong = (spec: object) => NetworkSpec.safeParse(spec).error?.issues.map(({ path }) => path.join('.'));

test('fills in what a described layer leaves out', () => {
  const spec = NetworkSpec.parse(custom({}));
  expect(spec).toEqual(custom({ stride: 1, padding: 0 }));
});

test('fills in multiplier, form and depth', () => {
  expect(NetworkSpec.parse({ family: 'mobilenetv1' })).toEqual({
    ...{ family: 'mobilenetv1', form: 'small', widthMultiplier: 1 },
  });
  expect(NetworkSpec.parse({ family: 'vgg', widthMultiplier: 2 })).toEqual({
    ...{ family: 'vgg', depth: 16, widthMultiplier: 2 },
  });
});

test.each<[string, object, string]>([
  ['an unknown family', { family: 'lenet' }, 'family'],
  ['another depth', { family: 'resnet', depth: 19 }, 'depth'],
  ['a form of a family that has one only', { family: 'vgg', form: 'small' }, ''],
  ['a multiplier of a described network', { ...custom({}), widthMultiplier: 2 }, ''],
  ['a misspelt field', custom({ outChanels: 4 }), 'description.layers.0'],
  ['an unknown kind', custom({ kind: 'lstm' }), 'description.layers.0.kind'],
  ['too many channels', custom({ outChannels: 4097 }), 'description.layers.0.outChannels'],
  ['a name with a slash', custom({ name: '0/a' }), 'description.layers.0.name'],
  ['a layer called input', custom({ name: 'input' }), 'description.layers.0.name'],
  [
    'a sum of three',
    custom({}, { kind: 'add', name: 's', inputs: ['a', 'a', 'a'] }),
    'description.layers.1.inputs',
  ],
  [
    'a concatenation of one',
    custom({}, { kind: 'concat', name: 's', inputs: ['a'] }),
    'description.layers.1.inputs',
  ],
  ['more than 1000 layers', custom({}, ...Array<object>(1000).fill(layer)), 'description.layers'],
])('refuses %s', (_case, spec, path) => {
  expect(wrong(spec)).toEqual([path]);
});
