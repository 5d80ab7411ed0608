import { TrainingOptions } from './training.js';

const problemsOf = (options: object): string[] => {
  const parsed = TrainingOptions.safeParse(options);
  return parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
};

test('the defaults are those of docs/method.md', () => {
  expect(TrainingOptions.parse({})).toEqual({
    ...{ warmupEpochs: 0, maskEpochs: 1, jointEpochs: 4, batchSize: 64, recalibrationBatches: 16, seed: 1 },
    ...{ method: 'all-in-one', maskInitialisation: 'rank', maskedRatios: 'largest' },
    ...{ costExponent: 0.3, batchNormAffine: 'private' },
    ...{ optimizer: 'sgd', learningRate: 0.2, momentum: 0.9, nesterov: false, weightDecay: 5e-4 },
    ...{ beta1: 0.9, beta2: 0.999, epsilon: 1e-8, labelSmoothing: 0.1, maskLearningRate: 0.3 },
    ...{ distillationWeight: 0.5, distillationTemperature: 1, minChannels: 2, channelMultiple: 4 },
    checkpointEveryMinutes: 5,
  });
});

test.each<[object, string]>([
  [{ optimizer: 'adamw' }, 'learningRate: expected at most 0.02 with optimizer adamw (0.001 is usual)'],
  [
    { optimizer: 'adamw', learningRate: 1e-3, nesterov: true },
    'nesterov: expected false with optimizer adamw',
  ],
  [{ nesterov: true, momentum: 0 }, 'nesterov: expected false without momentum'],
  [{ learningRateWarmupEpochs: 5 }, "learningRateWarmupEpochs: expected fewer than the training's 5 epochs"],
  [{ threads: 2, engine: { threads: 1 } }, 'threads: expected none beside engine.threads'],
  [{ engine: { provider: 'cpu' } }, 'engine.provider: expected an executor beside it'],
  [
    { engine: { executor: 'tfjs', provider: 'cuda' } },
    'engine.provider: expected one of tensorflow-gpu, tensorflow, wasm, cpu with executor tfjs',
  ],
])('refuses %j', (options, problem) => expect(problemsOf(options)).toEqual([problem]));

test('refuses an executor and a provider that nobody has', () => {
  expect(problemsOf({ engine: { executor: 'torch', provider: 'tpu' } })).toEqual([
    expect.stringMatching(/^engine\.executor: .*expected one of "onnxruntime"\|"tfjs"/),
    expect.stringMatching(/^engine\.provider: .*expected one of "cuda"/),
  ]);
});

test.each([
  [{ everyEpochs: 1.5 }, /^evaluation\.everyEpochs: /],
  [{ everyEpochs: -1 }, /^evaluation\.everyEpochs: /],
  [{ images: 0 }, /^evaluation\.images: /],
  [{ images: 10_001 }, /^evaluation\.images: /],
])('refuses evaluation %j', (evaluation, problem) =>
  expect(problemsOf({ evaluation })).toEqual([expect.stringMatching(problem)]),
);

test.each([
  { optimizer: 'adamw', learningRate: 0.001, weightDecay: 0.01 },
  { nesterov: true, gradientClipNorm: 1, labelSmoothing: 0.1, distillationTemperature: 4 },
  { engine: { executor: 'onnxruntime', provider: 'cpu', threads: 2 } },
  { engine: { threads: 2 }, checkpointEverySteps: 100 },
  { evaluation: {} },
  { evaluation: { everyEpochs: 0 } },
  { evaluation: { everyEpochs: 5, images: 10_000 } },
])('takes %j', (options) => expect(problemsOf(options)).toEqual([]));
