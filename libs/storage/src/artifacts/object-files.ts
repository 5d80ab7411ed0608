import type { Readable } from 'node:stream';

export interface ObjectFile {
  readonly key: string;
  readonly bytes: number;
  /** To the second at least. */
  readonly modifiedAt: Date;
}

/**
 * Files with names whose content may change, beside the artifacts, whose names are their content. A key is one to eight
 * names joined by `/`, each of letters, digits, `.`, `_` and `-` and beginning with a letter or a digit; no key may be
 * the folder of another. All methods throw AppError invalid_request for another key, before they touch anything, and
 * unavailable where the store does not answer.
 */
export interface ObjectFiles {
  /** Stores a copy of a local file durably. Readers see what was there before, or all of the new content. */
  put(key: string, localFile: string): Promise<void>;

  /**
   * Copies the content to a local file, which gets its name when all of it is there. The content is not checked.
   * @returns false when there is none; the local file is left as it was
   */
  fetch(key: string, localFile: string): Promise<boolean>;

  /** The content as a stream, which is not checked; undefined when there is none. */
  open(key: string): Promise<Readable | undefined>;

  /** What is not there is removed already. */
  remove(key: string): Promise<void>;

  /**
   * All files whose keys begin with `prefix` (`""` for all), in the order of their keys. Like `checkpoints/1`, which
   * `checkpoints/10/a` begins with too, it names a folder only where it ends in `/`.
   */
  list(prefix: string): Promise<ObjectFile[]>;
}
