import type { JobEvent, StoredJobEvent } from '#contracts';
import { aCandidate, aJob, anActor } from '#testkit';
import { runPortions } from './run-portions.js';

const START = Date.UTC(2030, 0, 1);
const job = aJob(anActor(), { candidate: aCandidate() });

/** Events in a row, a second apart. */
const stored = (...events: JobEvent[]): StoredJobEvent[] =>
  events.map((event, index) => ({
    ...{ sequence: 5 + index, event },
    at: new Date(START + index * 1000).toISOString(),
  }));

const losses = (firstStep: number, count: number, imagesPerSecond?: number): JobEvent => ({
  ...{ type: 'metrics', attempt: 1, series: 'all-in-one/joint', firstStep },
  losses: Array.from({ length: count }, (_, index) => 1 / (firstStep + index)),
  ...(imagesPerSecond !== undefined && { imagesPerSecond }),
});
const progress = (imagesPerSecond: number): JobEvent => ({
  type: 'progress',
  progress: { stage: 'train', phase: 'joint', step: 1, steps: 9, fraction: 0.1, imagesPerSecond },
});
const state = (name: 'running' | 'succeeded' | 'failed' | 'paused'): JobEvent => ({
  ...{ type: 'state', state: name, stage: 'train', attempt: 1 },
});

test('losses are metrics with their steps, and their speed goes with the newest of them', () => {
  const [portion, ...others] = runPortions(stored(losses(3, 2, 100)), job);
  const at = { timestamp: START };
  expect(others).toEqual([]);
  expect(portion).toEqual({
    sequence: 5,
    metrics: [
      { key: 'loss/all-in-one/joint', value: 1 / 3, step: 3, ...at },
      { key: 'loss/all-in-one/joint', value: 1 / 4, step: 4, ...at },
      { key: 'images-per-second/all-in-one/joint', value: 100, step: 4, ...at },
    ],
  });
});

test('accuracies of an epoch go with its last step', () => {
  const evaluation = { epoch: 1, images: 100, ratios: [{ ratio: 0.5, accuracy: 0.75 }] };
  const [portion] = runPortions(stored({ ...losses(3, 2), evaluation } as JobEvent), job);
  expect(portion!.metrics.at(-1)).toEqual({
    ...{ key: 'accuracy/all-in-one/joint/ratio-0.5', value: 0.75, step: 4, timestamp: START },
  });
});

test('progress alone tells nothing: steps that are done again are not logged again', () => {
  expect(runPortions(stored(progress(100), progress(90)), job)).toEqual([{ sequence: 6, metrics: [] }]);
});

test('accuracies, and what a job came to, have a key per ratio', () => {
  const accuracy: JobEvent = { type: 'accuracy', ratio: 0.5, accuracy: 0.95 };
  const verification = {
    ...{ rounds: 1, measuringTaskIds: [] },
    points: [{ operatingPoint: 'cpu-050pct', best: { ratio: 0.5, measuredMs: 8.3 }, held: true }],
  };
  const [portion] = runPortions(stored(accuracy, state('succeeded')), { ...job, verification });
  const byKey = Object.fromEntries(portion!.metrics.map(({ key, value }) => [key, value]));
  expect(byKey).toEqual({
    ...{ 'accuracy/ratio-0.5': 0.95, 'training-seconds': 1.5, 'latency-ms/cpu-050pct': 8.3 },
    ...{
      'macs/ratio-0': 1000,
      'macs/ratio-0.5': 500,
      'parameters/ratio-0': 500,
      'parameters/ratio-0.5': 500,
    },
  });
  expect(portion!.status).toEqual({ status: 'FINISHED', endTime: START + 1000 });
});

test.each([
  [['running'], { status: 'RUNNING' }],
  [['running', 'paused'], { status: 'SCHEDULED' }],
  [['failed', 'running'], { status: 'RUNNING' }],
] as const)('of states %j the last counts', (states, status) => {
  expect(runPortions(stored(...states.map(state)), job)[0]!.status).toEqual(status);
});

test('many losses become portions that end with whole events', () => {
  const portions = runPortions(stored(losses(1, 300), losses(301, 300), losses(601, 10)), job);
  expect(portions.map(({ sequence, metrics }) => [sequence, metrics.length])).toEqual([
    [6, 600],
    [7, 10],
  ]);
});
