import { aJob, aJobRequest, anActor } from '#testkit';
import { jobParameters } from './job-parameters.js';
import { keyOf } from './mlflow-text.js';

const layers = Array.from({ length: 700 }, (_, index) => ({ name: `layer-${index}` }));

test('a request is taken apart into params by their paths', () => {
  const spec = aJobRequest({ ratios: [0, 0.3, 0.6], training: { seed: 7, augmentation: { flip: true } } });
  const params = jobParameters(aJob(anActor(), { spec }));
  expect(params).toMatchObject({
    ...{ model: 'digits', ratios: '[0,0.3,0.6]', datasetId: spec.datasetId },
    ...{ 'network.family': 'resnet', 'network.depth': '8', 'network.widthMultiplier': '0.25' },
    ...{ 'training.seed': '7', 'training.augmentation.flip': 'true', 'training.optimizer': 'sgd' },
  });
  expect(Object.keys(params).filter((key) => key.startsWith('labels'))).toEqual([]);
});

test('a network of many layers is one param, cut to the length that MLflow takes', () => {
  const spec = { ...aJobRequest(), network: { family: 'custom', description: { layers } } } as never;
  const params = jobParameters(aJob(anActor(), { spec }));
  const text = params['network.description']!;
  expect([text.length, text.endsWith('…'), params['network.family']]).toEqual([6000, true, 'custom']);
});

test('keys have only characters that MLflow takes', () => {
  expect(keyOf('isochron.label.gpu:H100 (80 GB)/ü')).toBe('isochron.label.gpu_H100 _80 GB_/_');
  expect(keyOf('k'.repeat(300))).toHaveLength(250);
});
