import fc from 'fast-check';
import { CreateSweep, fieldErrors, fieldInSweep, sweepMembers, sweepSize, type SweepAxes } from './index.js';

const ID = '00000000-0000-4000-8000-000000000001';
const ratio = fc.integer({ min: 1, max: 95 }).map((percent) => percent / 100);
const schedule = fc
  .uniqueArray(ratio, { minLength: 1, maxLength: 4 })
  .map((ratios) => [0, ...ratios.sort((a, b) => a - b)]);
const axis = <T>(value: fc.Arbitrary<T>, maxLength = 4) =>
  fc.option(fc.uniqueArray(value, { minLength: 1, maxLength, selector: (one) => JSON.stringify(one) }), {
    nil: undefined,
  });
const axes: fc.Arbitrary<SweepAxes> = fc.record({
  ratios: axis(schedule),
  calibrationIds: axis(fc.uuid({ version: 4 }), 2),
  methods: axis(fc.constantFrom('all-in-one' as const, 'uniform-slimmable' as const), 2),
  seeds: axis(fc.nat({ max: 1000 })),
  profiles: fc.constant(undefined),
});

test('a sweep has every combination once, in a stable order, the seeds changing first', () => {
  fc.assert(
    fc.property(axes, (given) => {
      const members = sweepMembers(given);
      const texts = members.map(({ values }) => JSON.stringify(values));
      const schedules = [...(given.ratios ?? []), ...(given.calibrationIds ?? [])];
      const lengths = [schedules.length, given.methods?.length ?? 0, given.seeds?.length ?? 0];
      expect(members).toHaveLength(lengths.reduce((product, n) => product * Math.max(1, n), 1));
      expect(sweepSize(given)).toBe(members.length);
      expect(new Set(texts).size).toBe(members.length);
      expect(sweepMembers(structuredClone(given))).toEqual(members);
      const order = members.map(({ values: { ratios, calibrationId, method, seed } }) => [
        schedules.findIndex((one) => one === calibrationId || JSON.stringify(one) === JSON.stringify(ratios)),
        given.methods?.indexOf(method!) ?? 0,
        given.seeds?.indexOf(seed!) ?? 0,
      ]);
      const sorted = [...order].sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]! || a[2]! - b[2]!);
      expect(order).toEqual(sorted);
    }),
  );
});

test('names the place of a sweep that a field of a job comes from', () => {
  const [, member] = sweepMembers({ ratios: [[0], [0, 0.5]], seeds: [7] });
  expect(fieldInSweep(member!, 'ratios[1]')).toBe('axes.ratios[1][1]');
  expect(fieldInSweep(member!, 'ratios')).toBe('axes.ratios[1]');
  expect(fieldInSweep(member!, 'training.seed')).toBe('axes.seeds[0]');
  expect(fieldInSweep(member!, 'training.seeds')).toBe('base.training.seeds');
  expect(fieldInSweep(member!, 'training.batchSize')).toBe('base.training.batchSize');
  expect(fieldInSweep(member!, 'priority')).toBe('priority');
});

describe('a sweep is refused', () => {
  const base = { model: 'digits', network: { family: 'resnet', depth: 8 }, datasetId: ID };
  const refusals = (input: object): [string, string][] => {
    const parsed = CreateSweep.safeParse(input);
    const issues = parsed.success ? [] : parsed.error.issues;
    return fieldErrors(issues, input, 'body').map(({ field, expected }) => [field, expected]);
  };

  test.each<[string, object, [string, string][]]>([
    ['without an axis', { base, axes: {} }, [['axes', 'at least one axis']]],
    [
      'with more combinations than a sweep may have',
      {
        base: { ...base, ratios: [0] },
        axes: {
          seeds: Array.from({ length: 33 }, (_, i) => i),
          methods: ['all-in-one', 'uniform-slimmable'],
        },
      },
      [['axes', 'at most 64 combinations; these are 66']],
    ],
    [
      'by the place of a ratio',
      { base, axes: { ratios: [[0], [0, 0.2, 0.4, 1.5]] } },
      [['axes.ratios[1][3]', expect.stringContaining('0.95') as string]],
    ],
    [
      'with a value twice',
      { base: { ...base, ratios: [0] }, axes: { seeds: [1, 2, 1] } },
      [['axes.seeds[2]', 'no value twice; [0] is the same']],
    ],
    [
      'with what an axis gives in its base',
      { base: { ...base, ratios: [0], training: { seed: 1 } }, axes: { ratios: [[0]], seeds: [1] } },
      [
        ['base.ratios', 'none beside axes.ratios'],
        ['base.training.seed', 'none beside axes.seeds'],
      ],
    ],
    [
      'without anything that says where ratios come from',
      { base, axes: { seeds: [1, 2] } },
      [['base.ratios', 'exactly one of ratios, calibrationId and profile']],
    ],
    [
      'where some of its jobs contradict themselves, all at once',
      {
        base: { ...base, untrainedRatios: [0.5], comparison: { methods: ['uniform-slimmable'] } },
        axes: {
          ratios: [
            [0, 0.6],
            [0, 0.4],
          ],
          methods: ['all-in-one', 'uniform-slimmable'],
        },
      },
      [
        ['base.comparison.methods', "other methods than the job's own, uniform-slimmable"],
        ['base.untrainedRatios', expect.stringContaining('between 0 and 0.4') as string],
      ],
    ],
    [
      'with labels in its base',
      { base: { ...base, labels: {} }, axes: { ratios: [[0]] } },
      [['base.labels', 'no field of this name']],
    ],
  ])('%s', (_what, input, expected) => {
    expect(refusals(input)).toEqual(expected);
  });
});
