import type { JobProgress } from '#contracts';
import { shareOf } from './share-progress.js';
import type { TrainingListener } from './train-resumably.js';

/** What is heard of a training that is this part of the work. */
function heard(begin: number, share: number, progress: Pick<JobProgress, 'fraction' | 'etaSeconds'>) {
  const told: JobProgress[] = [];
  const listener = { onProgress: (whole: JobProgress) => told.push(whole) } as unknown as TrainingListener;
  shareOf(listener, { begin, share }).onProgress({ stage: 'train', step: 1, steps: 2, ...progress });
  return told[0]!;
}

test('a part of the work is told as that part, with the time that the whole has left', () => {
  expect(heard(0.5, 0.25, { fraction: 0.5, etaSeconds: 10 })).toMatchObject({
    ...{ fraction: 0.625, etaSeconds: 30 },
  });
  expect(heard(0.5, 0.25, { fraction: 1, etaSeconds: 0 })).not.toHaveProperty('etaSeconds');
});

test('sums and products of shares leave no digits that mean nothing', () => {
  expect(heard(0.1, 0.2, { fraction: 1 }).fraction).toBe(0.3);
  expect(heard(0.7, 0.3000000000000001, { fraction: 1 }).fraction).toBe(1);
});
