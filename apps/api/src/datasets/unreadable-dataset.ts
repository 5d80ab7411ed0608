import { AppError } from '#contracts';
import { DatasetError } from '#datasets';

/** A field of a request that brought a file, or a folder of them. */
export interface DatasetSourceField {
  readonly field: string;
  /** What the field said; nothing for a part of an upload. */
  readonly value?: string;
  /** The file that it brought; a field without one answers for all that no other field brought. */
  readonly path?: string;
  /** What messages call the file: an upload's temporary path says nothing to who sent it. */
  readonly name?: string;
}

/** Turns what a reader says of a file into the error of the field that brought the file. */
export function rethrowUnreadable(sources: readonly DatasetSourceField[]): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof DatasetError)) throw error;
    const detail = sources.reduce(
      (text, { path, name }) => (path && name ? text.replaceAll(path, name) : text),
      error.message,
    );
    const { file } = error.where;
    const source =
      sources.find(({ path }) => path !== undefined && path === file) ??
      sources.find(({ path }) => path === undefined);
    if (source === undefined) throw new AppError('dataset_unreadable', detail, { cause: error });
    const { field, value } = source;
    throw new AppError('dataset_unreadable', `${field}: ${detail}`, {
      fields: [
        { field, ...(value === undefined ? {} : { value }), expected: `a readable dataset; ${detail}` },
      ],
      cause: error,
    });
  };
}
