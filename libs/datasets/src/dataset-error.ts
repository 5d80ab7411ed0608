/** A dataset that cannot be read or used; names the file and the byte offset where there is one. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';

  constructor(
    /** What is wrong, without the place. */
    readonly detail: string,
    readonly where: { file?: string; byteOffset?: number } = {},
    options?: ErrorOptions,
  ) {
    const at = where.byteOffset === undefined ? '' : ` at byte ${where.byteOffset}`;
    super(where.file === undefined ? detail : `${where.file}${at}: ${detail}`, options);
  }
}
