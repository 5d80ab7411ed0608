import { AppError } from '#contracts';
import { DatasetError } from '#datasets';
import { TrainingDivergedError, UnreachableRatioError } from '#pruning';

type DatasetFault = 'dataset_unreadable' | 'dataset_does_not_fit';

/** Gives a dataset's error the code of what was being done with it, and lets others through. */
export function rethrowDatasetError(code: DatasetFault): (error: unknown) => never {
  return (error) => {
    throw asDatasetFault(code, error);
  };
}

/** An error of a training with its code where the user can mend it; others as they are. */
export function asUserFault(error: unknown): unknown {
  if (error instanceof TrainingDivergedError) {
    const advice = 'lower learningRate or maskLearningRate';
    return new AppError('training_diverged', `${error.message}; ${advice}`, { cause: error });
  }
  if (error instanceof UnreachableRatioError) {
    return new AppError('ratio_unreachable', error.message, { cause: error });
  }
  return asDatasetFault('dataset_unreadable', error);
}

const asDatasetFault = (code: DatasetFault, error: unknown): unknown =>
  error instanceof DatasetError ? new AppError(code, error.message, { cause: error }) : error;

/** Throws what `asUserFault` gives. */
export function rethrowUserFault(error: unknown): never {
  throw asUserFault(error);
}
