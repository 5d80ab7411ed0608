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

/** Gives an error of a training its code where the user can mend it, and lets others through. */
export function rethrowUserFault(error: unknown): never {
  if (error instanceof TrainingDivergedError) {
    const advice = 'lower learningRate or maskLearningRate';
    throw new AppError('training_diverged', `${error.message}; ${advice}`, { cause: error });
  }
  if (error instanceof UnreachableRatioError) {
    throw new AppError('ratio_unreachable', error.message, { cause: error });
  }
  return rethrowDatasetError('dataset_unreadable')(error);
}
