import { AppError } from '#contracts';
import { DatasetError } from '#datasets';
import { TrainingDivergedError, UnreachableRatioError } from '#pruning';

/** Gives a dataset's error the code of what was being done with it, and lets others through. */
export function rethrowDatasetError(
  code: 'dataset_unreadable' | 'dataset_does_not_fit',
): (error: unknown) => never {
  return (error) => {
    throw error instanceof DatasetError ? new AppError(code, error.message, { cause: error }) : error;
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
  if (error instanceof DatasetError)
    return new AppError('dataset_unreadable', error.message, { cause: error });
  return error;
}

/** Throws what `asUserFault` gives. */
export function rethrowUserFault(error: unknown): never {
  throw asUserFault(error);
}
