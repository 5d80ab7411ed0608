import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { AppError, MethodResult, type Method } from '#contracts';
import {
  TrainingDivergedError,
  fingerprintOf,
  membersOf,
  trainingsOf,
  workShares,
  type Fingerprint,
  type MethodMember,
  type MethodTraining,
  type TrainFamilyRequest,
  type WorkShare,
} from '#pruning';
import { writeFileAtomic } from '#runtime';
import { DirectoryCheckpointStore } from './checkpoints/directory-checkpoint-store.js';
import { shareOf } from './share-progress.js';
import {
  trainResumably,
  type ResumableTraining,
  type TrainedResumably,
  type TrainingListener,
} from './train-resumably.js';
import { unless } from './unless.js';
import { asUserFault } from './user-fault.js';

export interface ComparisonOptions extends Omit<ResumableTraining, 'store' | 'name'> {
  /** Of the job: checkpoints and finished trainings of the comparison lie in it. */
  readonly folder: string;
  readonly listener: TrainingListener;
}

/**
 * Trains other methods for the request of a job, one after the other, each on from its newest checkpoint. Trainings that
 * are finished are kept beside the checkpoints: a job that is killed does not do them again. One that diverges fails alone.
 * @param shares of all of their trainings, as `sharesOf` gives them
 * @throws AppError where the user can mend it, naming the method; what else `trainFamily` throws
 */
export async function compareMethods(
  methods: readonly Method[],
  request: TrainFamilyRequest,
  shares: ReadonlyMap<string, WorkShare>,
  options: ComparisonOptions,
): Promise<MethodResult[]> {
  const results: MethodResult[] = [];
  for (const method of methods) {
    const parts: MethodResult[] = [];
    for (const training of trainingsOf(method, request)) {
      const part = trainOnce(method, training, shares.get(training.name)!, options);
      parts.push(await part.catch((error: unknown) => rethrowNaming(method, error)));
    }
    results.push(joined(method, parts));
  }
  return results;
}

/**
 * Which part of all work every training of the methods is, by the training's name. `dense` is one of the independent
 * networks: where both are asked for it is trained, and counted, once.
 */
export function sharesOf(
  methods: readonly Method[],
  request: TrainFamilyRequest,
): ReadonlyMap<string, WorkShare> {
  const trainings = methods.flatMap((method) => trainingsOf(method, request));
  return workShares(new Map(trainings.map(({ name, work }) => [name, work])));
}

/** What a method's members achieved, and what it took. */
export function resultOf(
  method: Method,
  members: readonly MethodMember[],
  { trainingMacs, trainingSeconds }: TrainedResumably,
): MethodResult {
  const ratios = members.map(({ ratio, accuracy, cost, derived }) => ({ ratio, accuracy, ...cost, derived }));
  return { method, ratios, trainingMacs, trainingSeconds };
}

function joined(method: Method, parts: readonly MethodResult[]): MethodResult {
  const failures = parts.flatMap(({ failure }) => failure ?? []);
  return {
    method,
    ratios: parts.flatMap(({ ratios }) => ratios),
    trainingMacs: parts.reduce((sum, { trainingMacs }) => sum + trainingMacs, 0),
    trainingSeconds: parts.reduce((sum, { trainingSeconds }) => sum + trainingSeconds, 0),
    ...(failures.length > 0 && { failure: failures.join('; ') }),
  };
}

function rethrowNaming(method: Method, error: unknown): never {
  const known = asUserFault(error);
  if (!(known instanceof AppError)) throw known;
  throw new AppError(known.code, `for the comparison with ${method}: ${known.message}`, { cause: error });
}

async function trainOnce(
  method: Method,
  training: MethodTraining,
  share: WorkShare,
  options: ComparisonOptions,
): Promise<MethodResult> {
  // `dense` is the independent network of ratio 0: a job that asks for both trains it once.
  const own = path.join(options.folder, 'comparison', training.name);
  const fingerprint = fingerprintOf(training.request);
  const finished = await finishedIn(own, fingerprint);
  if (finished) return { ...finished, method };
  const store = new DirectoryCheckpointStore(own);
  const listener = shareOf(options.listener, { ...share, method });
  const result = await trainUnlessDiverging(
    method,
    training,
    { ...options, store, name: training.name, ratios: training.ratios },
    listener,
  );
  const kept: FinishedTraining = { fingerprint, result };
  await writeFileAtomic(resultFile(own), JSON.stringify(kept));
  listener.onCheckpoint(await options.kept(), TRAINED);
  return result;
}

/** What is compared with may diverge under options that suit the job's own training: that is a result, too. */
async function trainUnlessDiverging(
  method: Method,
  training: MethodTraining,
  resumable: ResumableTraining,
  listener: TrainingListener,
): Promise<MethodResult> {
  try {
    const trained = await trainResumably(training.request, resumable, listener);
    return resultOf(method, membersOf(training, trained), trained);
  } catch (error) {
    if (!(error instanceof TrainingDivergedError)) throw error;
    const failure = `ratio ${training.ratios.join(', ')}: ${error.message}`;
    listener.onLog({ level: 'warn', message: `comparison with ${method}, ${failure}` });
    return { method, ratios: [], trainingMacs: 0, trainingSeconds: 0, failure };
  }
}

/** A finished training as it is kept beside the checkpoints. */
interface FinishedTraining {
  readonly fingerprint: Fingerprint;
  readonly result: MethodResult;
}

/** Of one training, when it is done. */
const TRAINED = { stage: 'train', step: 1, steps: 1, fraction: 1 } as const;

const resultFile = (folder: string): string => path.join(folder, 'result.json');

/** A result that is missing, not whole or of another training (another engine, say) is trained again. */
async function finishedIn(folder: string, fingerprint: Fingerprint): Promise<MethodResult | undefined> {
  const text = await readFile(resultFile(folder), 'utf8').catch(unless('ENOENT', undefined));
  const kept = text === undefined ? undefined : parsed(text);
  if (!isDeepStrictEqual(kept?.fingerprint, fingerprint)) return undefined;
  return MethodResult.safeParse(kept?.result).data;
}

function parsed(text: string): Partial<FinishedTraining> | undefined {
  try {
    return JSON.parse(text) as Partial<FinishedTraining>;
  } catch {
    return undefined; // no JSON
  }
}
