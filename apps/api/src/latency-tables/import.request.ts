import { createReadStream } from 'node:fs';
import path from 'node:path';
import type { Request } from 'express';
import { z } from 'zod';
import { ImportLatencyTable, type FieldError } from '#contracts';
import type { ImportFile } from '#devices';
import { checked, invalidRequest } from '../http/contract.pipe.js';
import type { UploadedFile } from '../uploads/bounded-disk-storage.js';
import type { UploadParts } from '../uploads/upload-limits.js';

/** The parts that hold the files. */
export const FILE_PART = 'file';
/** The part that says what the files are, as JSON. */
export const OPTIONS_PART = 'options';
/** One log for each cell of 200 operating points x 50 ratios. */
export const MAX_IMPORTED_FILES = 10_000;
/** Names of so many files with their cells. */
const MAX_OPTIONS_BYTES = 4 * 1024 * 1024;
/** What an import may have. */
export const IMPORT_PARTS: UploadParts = { files: MAX_IMPORTED_FILES, fieldBytes: MAX_OPTIONS_BYTES };

const TextParts = z.strictObject({ [OPTIONS_PART]: ImportLatencyTable });
const NAME = /^[^\p{Cc}\p{Cs}]{1,255}$/u;

export interface ImportRequest {
  readonly options: ImportLatencyTable;
  readonly files: readonly ImportFile[];
}

/** What POST /v1/devices/{id}/latency-tables is sent. @throws AppError invalid_request */
export function importRequest(request: Request): ImportRequest {
  const options = optionsOf(request.body);
  const uploaded = (request.files ?? []) as UploadedFile[];
  const faults: FieldError[] =
    uploaded.length > 0 ? [] : [{ field: FILE_PART, expected: 'a file in a part of this name' }];
  const files = uploaded.map(toImportFile);
  for (const { name } of files.filter((file) => !NAME.test(file.name))) {
    faults.push({ field: FILE_PART, value: name, expected: 'a file name of 1 to 255 printable characters' });
  }
  if (faults.length > 0) throw invalidRequest(faults);
  return { options, files };
}

function optionsOf(body: unknown): ImportLatencyTable {
  const parts = { ...(body as Record<string, unknown> | undefined) }; // Multer's object has no prototype
  const form = { ...parts, [OPTIONS_PART]: jsonOf(parts[OPTIONS_PART]) };
  return checked(TextParts, form, 'body')[OPTIONS_PART];
}

function jsonOf(text: unknown): unknown {
  if (typeof text !== 'string') {
    throw invalidRequest([{ field: OPTIONS_PART, expected: 'one text part of this name with JSON in it' }]);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const expected = `JSON; ${(cause as Error).message}`;
    throw invalidRequest([{ field: OPTIONS_PART, value: text.slice(0, 200), expected }]);
  }
}

function toImportFile(file: UploadedFile): ImportFile {
  return {
    name: path.posix.basename(file.originalname),
    digest: file.digest,
    bytes: file.size,
    content: () => createReadStream(file.path, { highWaterMark: 256 * 1024 }),
  };
}
