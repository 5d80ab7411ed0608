import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError, MethodResult, type Method } from '#contracts';
import { membersOf, trainingsOf, type MethodTraining, type TrainFamilyRequest } from '#pruning';
import { writeFileAtomic } from '#runtime';
import { DirectoryCheckpointStore } from './checkpoints/directory-checkpoint-store.js';
import { shareOf } from './share-progress.js';
import { trainResumably, type ResumableTraining, type TrainingListener } from './train-resumably.js';
import { rethrowUserFault } from './user-fault.js';

export interface ComparisonOptions extends Omit<ResumableTraining, 'store'> {
  /** Of the job: checkpoints and finished trainings of the comparison lie in it. */
  readonly folder: string;
  readonly listener: TrainingListener;
}

/** Part of the work of all methods together that one training is, 0..1. */
interface Slice {
  readonly begin: number;
  readonly share: number;
}

/**
 * Trains other methods for the request of a job, one after the other, each on from its newest checkpoint. Trainings that
 * are finished are kept beside the checkpoints: a job that is killed does not do them again.
 * @throws AppError where the user can mend it, naming the method; what else `trainFamily` throws
 */
export async function compareMethods(
  methods: readonly Method[],
  request: TrainFamilyRequest,
  slice: Slice,
  options: ComparisonOptions,
): Promise<MethodResult[]> {
  const results: MethodResult[] = [];
  const work = plannedWork(methods, request);
  const total = work.reduce((a, b) => a + b, 0);
  let begin = slice.begin;
  for (const [index, method] of methods.entries()) {
    const share = (slice.share * work[index]!) / total;
    const result = trainMethod(method, request, { begin, share }, options);
    results.push(await result.catch((error: unknown) => rethrowNaming(method, error)));
    begin += share;
  }
  return results;
}

function rethrowNaming(method: Method, error: unknown): never {
  try {
    return rethrowUserFault(error);
  } catch (known) {
    if (!(known instanceof AppError)) throw known;
    throw new AppError(known.code, `for the comparison with ${method}: ${known.message}`, { cause: error });
  }
}

async function trainMethod(
  method: Method,
  request: TrainFamilyRequest,
  slice: Slice,
  options: ComparisonOptions,
): Promise<MethodResult> {
  const parts: MethodResult[] = [];
  const trainings = trainingsOf(method, request);
  const weights = trainings.map(({ ratios }) => keptShare(ratios));
  const total = weights.reduce((a, b) => a + b, 0);
  let begin = slice.begin;
  for (const [index, training] of trainings.entries()) {
    const share = (slice.share * weights[index]!) / total;
    parts.push(await trainOnce(method, training, { begin, share }, options));
    begin += share;
  }
  return {
    method,
    ratios: parts.flatMap(({ ratios }) => ratios),
    trainingMacs: parts.reduce((sum, { trainingMacs }) => sum + trainingMacs, 0),
    trainingSeconds: parts.reduce((sum, { trainingSeconds }) => sum + trainingSeconds, 0),
  };
}

async function trainOnce(
  method: Method,
  training: MethodTraining,
  slice: Slice,
  { folder, listener, ...resumable }: ComparisonOptions,
): Promise<MethodResult> {
  // `dense` is the independent network of ratio 0: a job that asks for both trains it once.
  const own = path.join(folder, 'comparison', training.name);
  const finished = await finishedIn(own);
  if (finished) return { ...finished, method };
  const store = new DirectoryCheckpointStore(own);
  const share = shareOf(listener, { ...slice, method });
  const trained = await trainResumably(training.request, { ...resumable, store }, share);
  const result: MethodResult = {
    method,
    ratios: membersOf(training, trained).map(({ ratio, accuracy, cost, derived }) => {
      return { ratio, accuracy, ...cost, derived };
    }),
    trainingMacs: trained.trainingMacs,
    trainingSeconds: trained.trainingSeconds,
  };
  await writeFileAtomic(resultFile(own), JSON.stringify(result));
  return result;
}

const resultFile = (folder: string): string => path.join(folder, 'result.json');

/** A result that is missing or not whole is trained again. */
async function finishedIn(folder: string): Promise<MethodResult | undefined> {
  try {
    return MethodResult.parse(JSON.parse(await readFile(resultFile(folder), 'utf8')));
  } catch {
    return undefined;
  }
}

const keptShare = (ratios: readonly number[]): number => ratios.reduce((sum, ratio) => sum + 1 - ratio, 0);

/** Work of every method's trainings in epochs of the dense network, near enough for a progress bar. */
export function plannedWork(
  methods: readonly Method[],
  { ratios, options }: Pick<TrainFamilyRequest, 'ratios' | 'options'>,
): number[] {
  const { warmupEpochs, maskEpochs, jointEpochs } = options;
  const epochs = warmupEpochs + maskEpochs + jointEpochs;
  return methods.map((method) => {
    // One of the independent networks is the dense one.
    if (method === 'dense') return methods.includes('independent') ? 0 : epochs;
    if (method === 'independent') return epochs * keptShare(ratios);
    return epochs - jointEpochs + jointEpochs * keptShare(ratios);
  });
}
