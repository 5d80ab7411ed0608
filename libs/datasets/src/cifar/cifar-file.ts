import { DatasetError } from '../dataset-error.js';
import { readContent, type StoredBytes } from '../read-content.js';
import { CIFAR_PIXELS, type CifarLayout } from './cifar-format.js';

export interface CifarFile extends StoredBytes {
  /** Records as they stand in the file. */
  readonly content: Buffer;
  readonly count: number;
}

/** One buffer holds a file; CIFAR's have 30 MB to 154 MB. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

/**
 * Reads a file of records.
 * @throws DatasetError naming the file and the byte offset of what is wrong: a label that no class has, or an end
 * within a record.
 */
export async function readCifarFile(file: string, layout: CifarLayout): Promise<CifarFile> {
  const refuse = (byteOffset: number, detail: string): never => {
    throw new DatasetError(detail, { file, byteOffset });
  };
  const chunks: Buffer[] = [];
  let length = 0;
  const { digest, bytes } = await readContent(file, (chunk) => {
    checkLabels(chunk, length, layout, refuse);
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_FILE_BYTES) refuse(MAX_FILE_BYTES, `expected at most ${MAX_FILE_BYTES} bytes`);
  });
  const record = layout.labelBytes + CIFAR_PIXELS;
  const surplus = length % record;
  if (length === 0) refuse(0, `the file is empty, expected records of ${record} bytes`);
  if (surplus > 0)
    refuse(length, `the file ends ${record - surplus} bytes before its last record of ${record} does`);
  return { digest, bytes, content: Buffer.concat(chunks), count: length / record };
}

/** @param position of the chunk in the file */
function checkLabels(
  chunk: Buffer,
  position: number,
  { labelBytes, classNames }: CifarLayout,
  refuse: (byteOffset: number, detail: string) => never,
): void {
  const record = labelBytes + CIFAR_PIXELS;
  const first = (record - ((position - (labelBytes - 1)) % record)) % record;
  for (let at = first; at < chunk.length; at += record) {
    const label = chunk[at]!;
    if (label >= classNames.length) {
      refuse(position + at, `label ${label}, expected one below ${classNames.length}`);
    }
  }
}
