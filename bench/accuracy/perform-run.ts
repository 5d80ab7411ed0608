import { createTrainingData, holdOut, loadDataset, type DatasetFiles, type ImageDataset } from '#datasets';
import { createExecutor } from '#engine';
import { resNet } from '#network';
import {
  membersOf,
  trainFamily,
  trainingsOf,
  workShares,
  type MethodMember,
  type TrainFamilyRequest,
  type WorkShare,
} from '#pruning';
import type { AccuracyRun, RunProgress } from './accuracy-run.js';
import { epochsOf, type RunOrder, type RunSettings } from './run-settings.js';

/**
 * Trains what an order says, as a job would, and evaluates every ratio on the test images.
 * @throws what loading the dataset and training throw.
 */
export async function performRun(
  order: RunOrder,
  onProgress: (progress: RunProgress) => void,
): Promise<AccuracyRun> {
  const startedAt = new Date();
  const trainings = trainingsOf(order.method, await requestOf(order));
  const shares = workShares(new Map(trainings.map(({ work }, index) => [index, work])));
  const members: MethodMember[] = [];
  let trainingMacs = 0;
  for (const [index, training] of trainings.entries()) {
    const report = progressReporter(order, shares.get(index)!, onProgress);
    const result = await trainFamily({ ...training.request, onProgress: report });
    members.push(...membersOf(training, result));
    trainingMacs += result.trainingMacs;
  }
  const entries = (derived: boolean) =>
    members
      .filter((member) => member.derived === derived)
      .map(({ ratio, accuracy, cost }) => ({ ratio, accuracy, ...cost }));
  return {
    ...{ method: order.method, seed: order.seed, ratios: entries(false), untrained: entries(true) },
    ...{ epochs: epochsOf(order.settings.options), trainingMacs },
    seconds: (Date.now() - startedAt.getTime()) / 1000,
    startedAt: startedAt.toISOString(),
  };
}

async function requestOf({ seed, settings, files }: RunOrder): Promise<TrainFamilyRequest> {
  const { network, dataset, ratios, untrainedRatios, engine } = settings;
  const options = { ...settings.options, seed };
  const data = createTrainingData(await datasetOf(files, dataset), { ...options, ...dataset });
  const { input, classes } = data;
  return {
    network: resNet({ ...network, input, classes }),
    ...{ ratios, untrainedRatios, data, options },
    executor: await createExecutor(engine.name, engine),
  };
}

async function datasetOf(
  files: DatasetFiles,
  { heldOutFrom: from, testImages: count }: RunSettings['dataset'],
): Promise<ImageDataset> {
  const dataset = await loadDataset(files);
  return from === undefined ? dataset : holdOut(dataset, { from, count });
}

/** Progress of all of a method's trainings as one; each counts by its work. */
function progressReporter(
  { settings }: RunOrder,
  { begin, share }: WorkShare,
  onProgress: (progress: RunProgress) => void,
): NonNullable<TrainFamilyRequest['onProgress']> {
  const epochs = epochsOf(settings.options);
  return ({ fraction }) =>
    onProgress({
      epoch: Math.min(epochs, Math.floor(fraction * epochs) + 1),
      epochs,
      fraction: begin + share * fraction,
    });
}
