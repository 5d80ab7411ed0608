import { AppError, DATASET_FILES } from '#contracts';
import { DatasetError, type IdxPaths } from '#datasets';

/**
 * Turns what a reader says of a file into the error of the field that brought the file.
 * @param prefix of the fields: "source." for paths in JSON; nothing for an upload's parts, whose temporary paths say
 * nothing to who sent them
 */
export function rethrowUnreadable(paths: IdxPaths, prefix: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof DatasetError)) throw error;
    const file = DATASET_FILES.find((name) => paths[name] === error.where.file);
    if (file === undefined) throw new AppError('dataset_unreadable', error.message, { cause: error });
    const field = prefix + file;
    const isPath = prefix !== '';
    const detail = isPath ? error.message : withoutPaths(error.message, paths);
    throw new AppError('dataset_unreadable', `${field}: ${detail}`, {
      fields: [
        { field, ...(isPath ? { value: paths[file] } : {}), expected: `a readable IDX file; ${detail}` },
      ],
      cause: error,
    });
  };
}

function withoutPaths(message: string, paths: IdxPaths): string {
  return DATASET_FILES.reduce((text, name) => text.replaceAll(paths[name], name), message);
}
