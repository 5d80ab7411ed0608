import { postJson, type Caller } from './launched.js';

/** Over in seconds: what it trains is of no use. */
export const TINY_TRAINING = {
  ...{ warmupEpochs: 0, maskEpochs: 1, jointEpochs: 1, batchSize: 16, trainImages: 128, testImages: 64 },
  recalibrationBatches: 2,
  channelMultiple: 1, // the network is too narrow for anything coarser
};
export const TINY_NETWORK = { family: 'resnet', depth: 8, widthMultiplier: 0.25 };

/** @returns the dataset's id */
export async function registerMnist(call: Caller, base: string): Promise<string> {
  const source = { kind: 'mnist' };
  const { status, body } = await postJson(call, `${base}/v1/datasets`, { name: 'mnist', source });
  expect(status).toBe(201);
  return body.id;
}

/** What POST /v1/jobs takes. */
export function tinyJob(datasetId: string, changes: object = {}): object {
  const job = {
    model: 'digits',
    network: TINY_NETWORK,
    datasetId,
    ratios: [0, 0.5],
    training: TINY_TRAINING,
  };
  return { ...job, ...changes };
}
