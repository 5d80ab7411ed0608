import { Command } from 'commander';
import type { OwnMethod } from '../accuracy/accuracy-run.js';
import type { RunContext } from '../accuracy/run-context.js';
import { FULL_SCALE, QUICK_SCALE } from '../accuracy/scale.js';
import { jsonObject, ratioList } from './trial-arguments.js';
import { trialSettings, type TrialChanges } from './trial-settings.js';

const context: RunContext = {
  ...{ scale: FULL_SCALE, files: { format: 'idx', paths: {} }, cpuClass: '', isochron: '', code: '' },
  engine: { name: 'onnxruntime', provider: 'cpu', version: '1', threads: 1 },
  data: { input: { channels: 1, height: 28, width: 28 }, classes: 10, digest: '' },
};
const settings = (changes: Partial<TrialChanges>) =>
  trialSettings(context, { method: 'all-in-one', quick: false, ...changes });
const set = (options: Readonly<Record<string, unknown>>, method: OwnMethod = 'all-in-one') =>
  settings({ method, set: options }).options;

describe('the options of a trial', () => {
  it.each(['all-in-one', 'uniform-slimmable', 'independent'] as const)(
    "are those of the accuracy benchmark's %s, but for what is set",
    (method) => {
      const own = FULL_SCALE.options[method];
      expect(set({}, method)).toEqual(own);
      const changes = { learningRate: 0.05, nesterov: true, channelMultiple: 8, augmentation: { crop: 2 } };
      expect(set(changes, method)).toEqual({ ...own, ...changes });
    },
  );

  it('are without mask epochs where a method has no mask, and only there', () => {
    expect(set({ maskEpochs: 0 }, 'independent').maskEpochs).toBe(0);
    expect(() => set({ maskEpochs: 0 })).toThrow('maskEpochs 0: expected a number of at least 1');
    expect(() => set({ maskEpochs: -1 }, 'independent')).toThrow('maskEpochs -1: expected');
  });

  it.each([
    ['a misspelt name', { learningRte: 0.1 }, 'learningRte 0.1: expected no field of this name'],
    ['a value of another type', { batchSize: '64' }, 'batchSize "64": expected number'],
    [
      'a value that is none of the known',
      { maskedRatios: 'smallest' },
      'maskedRatios "smallest": expected one of',
    ],
    ['a value out of range', { learningRate: -1 }, 'learningRate -1: expected a number above 0'],
    ['null', { gradientClipNorm: null }, 'gradientClipNorm null: expected number'],
    [
      'a field within another',
      { augmentation: { crop: 0 } },
      'augmentation.crop 0: expected a number of at least 1',
    ],
    ['what has an option of its own', { seed: 7 }, 'seed 7: expected the option --seed'],
    [
      'what a trial has no use for',
      { engine: { threads: 0 } },
      'engine {"threads":0}: expected none in a trial',
    ],
    [
      'what does not go with the other options',
      { momentum: 0, nesterov: true },
      'nesterov true: expected false without momentum',
    ],
  ])('refuse %s', (_what, options, expected) => {
    expect(() => set(options)).toThrow(`--set: ${expected}`);
    expect(() => set(options, 'uniform-slimmable')).toThrow(`--set: ${expected}`);
  });

  it('name all that is wrong', () => {
    expect(() => set({ epochs: 3, momentum: 2 })).toThrow(/momentum 2: .*; epochs 3: /);
  });
});

describe('the ratios of a trial', () => {
  it.each([
    [
      [0, 0.3, 0.5, 0.7],
      [0.15, 0.4, 0.6],
    ],
    [
      [0, 0.4, 0.7],
      [0.15, 0.6],
    ],
    [
      [0.3, 0.7],
      [0.4, 0.6],
    ],
    [[0, 0.4], [0.15]],
    [[0.5], []],
  ])('%j keep the untrained %j', (ratios, untrained) => {
    expect(settings({ ratios })).toMatchObject({ ratios, untrainedRatios: untrained });
  });

  it('have no untrained ones under a method that solves none', () => {
    expect(settings({ method: 'independent', ratios: [0, 0.7] }).untrainedRatios).toEqual([]);
  });
});

test('a trial tests on images that it does not train on, on few where it is quick', () => {
  expect(settings({ trainImages: 500 }).dataset).toMatchObject({
    ...{ trainImages: 500, heldOutFrom: 20_000, testImages: 10_000 },
  });
  const quick = { ...context, scale: QUICK_SCALE };
  expect(trialSettings(quick, { method: 'all-in-one', quick: true }).dataset.testImages).toBe(200);
});

describe("a trial's command line", () => {
  const parse = (...given: string[]) =>
    new Command()
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .option('--ratios <list>', '', ratioList)
      .option('--set <json>', '', jsonObject)
      .parse(given, { from: 'user' })
      .opts<{ ratios?: number[]; set?: object }>();

  it('takes ascending ratios and a JSON object', () => {
    expect(parse('--ratios', '0, 0.4,.7', '--set', '{"momentum":0.8}')).toEqual({
      ...{ ratios: [0, 0.4, 0.7], set: { momentum: 0.8 } },
    });
  });

  it.each([
    ['0.5,0.3', '"0.3"'],
    ['0,0.3,0.3', '"0.3"'],
    ['0,1', '"1"'],
    ['-0.1', '"-0.1"'],
    ['0,half', '"half"'],
    ['0,,0.5', '""'],
  ])('refuses the ratios %s and names %s', (list, value) => {
    expect(() => parse(`--ratios=${list}`)).toThrow(`${value}: expected ascending numbers in [0, 1)`);
  });

  it.each(['{"momentum":', '[1]', 'null', '3'])('refuses to set %s', (text) => {
    expect(() => parse('--set', text)).toThrow('expected a JSON object of training options');
  });
});
