import { CreateJob } from './jobs.js';

const DATASET = '6f1c2a52-3f5b-4a0e-9d3a-0c6b9a0a1f00';
const request = (changes: object) => ({
  model: 'digits',
  network: { family: 'resnet', depth: 8 },
  datasetId: DATASET,
  ratios: [0, 0.5],
  ...changes,
});
const problemsOf = (changes: object): string[] =>
  CreateJob.safeParse(request(changes)).error?.issues.map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  ) ?? [];

test.each([
  ['duplicates', [0, 0.5, 0.5], 'ratios: expected ascending ratios without duplicates'],
  ['another order', [0, 0.5, 0.3], 'ratios: expected ascending ratios without duplicates'],
  ['no dense ratio', [0.3, 0.5], 'ratios: expected 0 (the dense network) as the first ratio'],
])('refuses ratios with %s', (_, ratios, problem) => {
  expect(problemsOf({ ratios })).toContain(problem);
});

test.each([
  ['trained ones', [0.5]],
  ['ones beyond the largest', [0.6]],
  ['0', [0]],
  ['duplicates', [0.2, 0.2]],
  ['another order', [0.3, 0.2]],
])('refuses untrained ratios with %s', (_, untrainedRatios) => {
  expect(problemsOf({ untrainedRatios })).toEqual([
    'untrainedRatios: expected ascending ratios without duplicates between 0 and 0.5, none of the trained ones',
  ]);
});

test('takes untrained ratios between trained ones, and a version to begin with', () => {
  expect(problemsOf({ untrainedRatios: [0.2, 0.3], warmStart: { model: 'digits', version: 3 } })).toEqual([]);
  expect(problemsOf({ warmStart: { model: 'digits' } })).toEqual([
    expect.stringMatching(/^warmStart\.version: /),
  ]);
});
