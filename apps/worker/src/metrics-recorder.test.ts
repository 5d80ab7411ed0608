import { MAX_METRICS_STEPS, type MetricsBatch } from '#contracts';
import type { TrainFamilyProgress } from '#pruning';
import { MetricsRecorder } from './metrics-recorder.js';

function recording() {
  const clock = { ms: 0 };
  const sent: MetricsBatch[] = [];
  const recorder = new MetricsRecorder(
    {
      ...{ name: 'all-in-one', ratios: [0, 0.5], batchSize: 16, evaluationImages: 100 },
      isEvaluated: ({ step }) => step === 10,
    },
    (batch) => sent.push(batch),
    () => clock.ms,
  );
  const step = (number: number, loss: number | undefined, phase: TrainFamilyProgress['phase'] = 'joint') =>
    recorder.record({
      phase,
      epoch: 1,
      epochs: 1,
      step: number,
      steps: 9,
      fraction: 0.1,
      ...(loss !== undefined && { loss }),
    });
  return { recorder, sent, clock, step };
}

test('gathers the losses of consecutive steps, and sends them once a second', () => {
  const { sent, clock, step } = recording();
  step(3, 0.5);
  step(4, 0.25);
  expect(sent).toEqual([]);
  clock.ms = 1000;
  step(5, 0.125);
  step(6, 0);
  expect(sent).toEqual([
    { series: 'all-in-one/joint', firstStep: 3, losses: [0.5, 0.25, 0.125], imagesPerSecond: 32 },
  ]);
  clock.ms = 1999;
  step(7, 1);
  expect(sent).toHaveLength(1);
  clock.ms = 2000;
  step(8, 2);
  expect(sent.at(-1)).toEqual({
    series: 'all-in-one/joint',
    firstStep: 6,
    losses: [0, 1, 2],
    imagesPerSecond: 48,
  });
});

test('every phase is a series of its own, and one that trains nothing has none', () => {
  const { recorder, sent, step } = recording();
  step(1, 0.5, 'mask');
  step(2, 0.4, 'mask');
  step(1, 0.3, 'joint');
  step(1, undefined, 'recalibrate');
  step(1, undefined, 'evaluate');
  recorder.flush();
  expect(sent).toEqual([
    { series: 'all-in-one/mask', firstStep: 1, losses: [0.5, 0.4] },
    { series: 'all-in-one/joint', firstStep: 1, losses: [0.3] },
  ]);
});

test('sends what is gathered when it is told to, and no more than a batch may have', () => {
  const { recorder, sent, step } = recording();
  for (let i = 1; i <= MAX_METRICS_STEPS + 1; i++) step(i, i);
  expect(sent.map(({ losses }) => losses.length)).toEqual([MAX_METRICS_STEPS]);
  recorder.flush();
  recorder.flush();
  expect(sent.slice(1)).toEqual([
    { series: 'all-in-one/joint', firstStep: MAX_METRICS_STEPS + 1, losses: [MAX_METRICS_STEPS + 1] },
  ]);
});

test('a step that is evaluated is sent with its accuracies alone', () => {
  const { recorder, sent, clock, step } = recording();
  step(9, 3);
  clock.ms = 2000;
  step(10, 2);
  expect(sent).toEqual([]);
  clock.ms = 5000; // evaluated
  recorder.evaluated(1, [0.75, 0.5]);
  const ratios = [
    { ratio: 0, accuracy: 0.75 },
    { ratio: 0.5, accuracy: 0.5 },
  ];
  const at = { series: 'all-in-one/joint', firstStep: 9 };
  expect(sent).toEqual([
    { ...at, losses: [3, 2], imagesPerSecond: 8, evaluation: { epoch: 1, images: 100, ratios } },
  ]);
  clock.ms = 5500;
  step(11, 1);
  recorder.flush();
  expect(sent.at(-1)).toEqual({ ...at, firstStep: 11, losses: [1], imagesPerSecond: 32 });
});

describe('the speed of a batch', () => {
  test('is that of its steps from the first one on whose beginning is known', () => {
    const { sent, clock, step } = recording();
    clock.ms = 900; // until the first step was compiled and done
    step(5, 1);
    clock.ms = 1900;
    step(6, 1);
    clock.ms = 2900;
    step(7, 1);
    clock.ms = 3100;
    step(8, 1);
    clock.ms = 3900;
    step(9, 1);
    expect(sent.map(({ imagesPerSecond }) => imagesPerSecond)).toEqual([16, 24]);
  });

  test('leaves out what was done between two steps', () => {
    const { recorder, sent, clock, step } = recording();
    step(1, 1);
    clock.ms = 100;
    step(2, 1);
    clock.ms = 700; // a checkpoint was kept
    recorder.flush();
    clock.ms = 800;
    step(3, 1);
    clock.ms = 5000;
    recorder.flush();
    expect(sent.map(({ imagesPerSecond }) => imagesPerSecond)).toEqual([160, 160]);
  });

  test('is not told where nothing was measured', () => {
    const { recorder, sent, clock, step } = recording();
    step(1, 1, 'mask');
    clock.ms = 500;
    step(1, 1, 'joint');
    clock.ms = 900;
    recorder.flush();
    expect(sent.map(({ series, imagesPerSecond }) => [series, imagesPerSecond])).toEqual([
      ['all-in-one/mask', undefined],
      ['all-in-one/joint', undefined],
    ]);
  });
});
