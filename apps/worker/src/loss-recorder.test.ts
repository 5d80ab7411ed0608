import { MAX_METRICS_STEPS, type MetricsBatch } from '#contracts';
import type { TrainFamilyProgress } from '#pruning';
import { LossRecorder } from './loss-recorder.js';

function recording() {
  const clock = { ms: 0 };
  const sent: MetricsBatch[] = [];
  const recorder = new LossRecorder(
    'all-in-one',
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
  expect(sent).toEqual([{ series: 'all-in-one/joint', firstStep: 3, losses: [0.5, 0.25, 0.125] }]);
  clock.ms = 1999;
  step(7, 1);
  expect(sent).toHaveLength(1);
  clock.ms = 2000;
  step(8, 2);
  expect(sent.at(-1)).toEqual({ series: 'all-in-one/joint', firstStep: 6, losses: [0, 1, 2] });
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
