import { phaseEpochs } from './phase-epochs.js';
import type { TrainFamilyOptions } from './training-options.js';

test.each<[Partial<TrainFamilyOptions>, [warmUp: number, mask: number, joint: number]]>([
  [{}, [1, 2, 4]],
  [{ maskedRatios: 'all' }, [1, 2, 4]],
  [{ method: 'uniform-slimmable' }, [3, 0, 4]],
  [{ method: 'uniform-slimmable', maskedRatios: 'all' }, [1, 0, 6]],
])('with %j, 1 + 2 + 4 epochs are %j', (options, [warmUp, mask, joint]) => {
  const given = { warmupEpochs: 1, maskEpochs: 2, jointEpochs: 4, ...options } as TrainFamilyOptions;
  expect(phaseEpochs(given)).toEqual({ 'warm-up': warmUp, mask, joint });
});
