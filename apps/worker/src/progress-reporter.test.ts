import type { JobProgress } from '#contracts';
import type { TrainFamilyProgress } from '#pruning';
import { ProgressReporter } from './progress-reporter.js';

const step = (changes: Partial<TrainFamilyProgress> = {}): TrainFamilyProgress => {
  return { phase: 'joint', epoch: 1, epochs: 1, step: 1, steps: 100, fraction: 0.1, loss: 2, ...changes };
};

function reporter(batchSize = 32, startFraction = 0) {
  const sent: JobProgress[] = [];
  const clock = { ms: 0 };
  const report = (progress: TrainFamilyProgress, atMs: number) => {
    clock.ms = atMs;
    one.report(progress);
  };
  const one = new ProgressReporter(
    batchSize,
    (progress) => sent.push(progress),
    startFraction,
    () => clock.ms,
  );
  const skipPause = (untilMs: number) => {
    clock.ms = untilMs;
    one.skipPause();
  };
  return { sent, report, skipPause };
}

test('passes on at most one report in 250 ms, and the first and the last one of each phase', () => {
  const { sent, report } = reporter();
  for (let ms = 0; ms <= 1000; ms += 50) report(step({ step: ms / 50 + 1 }), ms);
  report(step({ step: 100 }), 1001);
  report(step({ phase: 'evaluate', step: 1 }), 1002);
  expect(sent.map((progress) => [progress.phase, progress.step])).toEqual([
    ['joint', 1],
    ['joint', 6],
    ['joint', 11],
    ['joint', 16],
    ['joint', 21],
    ['joint', 100],
    ['evaluate', 1],
  ]);
});

test('says how fast it goes and how long it will take', () => {
  const { sent, report } = reporter(32);
  report(step({ step: 1, fraction: 0.1 }), 1000);
  report(step({ step: 11, fraction: 0.25 }), 2000);
  expect(sent[0]).not.toHaveProperty('imagesPerSecond');
  expect(sent[1]).toMatchObject({ stage: 'train', imagesPerSecond: 320, etaSeconds: 6, loss: 2 });
});

test('says no more digits than it knows', () => {
  const { sent, report } = reporter(32);
  report(step({ step: 1, fraction: 0.1 }), 1000);
  report(step({ step: 8, fraction: 0.3 }), 1700);
  report(step({ step: 100, fraction: 1 - 1e-9 }), 2500);
  expect(sent.map(({ etaSeconds }) => etaSeconds)).toEqual([9, 4, 0]);
  expect(sent[2]!.imagesPerSecond).toBe(3680);
});

test('what an earlier attempt did says nothing of how long the rest will take', () => {
  const { sent, report } = reporter(32, 0.5);
  report(step({ step: 51, fraction: 0.55 }), 1000);
  expect(sent[0]!.etaSeconds).toBeCloseTo(9);
});

test('has no speed where nothing is trained', () => {
  const { sent, report } = reporter();
  report(step({ phase: 'evaluate', step: 1 }), 0);
  report(step({ phase: 'evaluate', step: 2 }), 1000);
  expect(sent[1]).not.toHaveProperty('imagesPerSecond');
});

test('what is done between two steps counts for the speed of none', () => {
  const { sent, report, skipPause } = reporter(10);
  report(step({ step: 1 }), 0);
  report(step({ step: 2 }), 100);
  skipPause(5100);
  report(step({ step: 3 }), 5200);
  report(step({ step: 4 }), 5300);
  expect(sent.map(({ step: at, imagesPerSecond }) => [at, imagesPerSecond])).toEqual([
    [1, undefined],
    [4, 100],
  ]);
});
