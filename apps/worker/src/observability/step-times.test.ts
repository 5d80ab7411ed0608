import type { JobProgress } from '#contracts';
import { StepTimes } from './step-times.js';

const ENGINE = { executor: 'onnxruntime', provider: 'cpu' };
const progress = (changes: Partial<JobProgress>): JobProgress => ({
  ...{ stage: 'train', phase: 'joint', step: 0, steps: 100, fraction: 0.5 },
  ...changes,
});

function observed(reports: readonly JobProgress[]): unknown[] {
  const seen: unknown[] = [];
  const times = new StepTimes(64, ENGINE, ({ count, seconds }, { phase }) =>
    seen.push([count, seconds, phase]),
  );
  for (const report of reports) times.progressed(report);
  return seen;
}

test('counts every step between two reports with their mean time', () => {
  const reports = [
    progress({ step: 10 }),
    progress({ step: 14, imagesPerSecond: 128 }),
    progress({ step: 15, imagesPerSecond: 640 }),
  ];
  expect(observed(reports)).toEqual([
    [4, 0.5, 'joint'],
    [1, 0.1, 'joint'],
  ]);
});

test('counts nothing across phases, methods, or where training went back to a checkpoint', () => {
  const imagesPerSecond = 64;
  const reports = [
    progress({ phase: 'mask', step: 10, imagesPerSecond }),
    progress({ step: 12, imagesPerSecond }),
    progress({ step: 14, imagesPerSecond, method: 'independent' }),
    progress({ step: 5, imagesPerSecond, method: 'independent' }),
    progress({ phase: 'evaluate', step: 6 }),
  ];
  expect(observed(reports)).toEqual([]);
});
