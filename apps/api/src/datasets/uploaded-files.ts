import type { Request } from 'express';
import { IDX_FILES, type DatasetFormat, type FieldError } from '#contracts';
import type { ImageFile } from '#datasets';
import { invalidRequest } from '../http/contract.pipe.js';
import type { UploadParts } from '../uploads/upload-limits.js';

/** The part of an upload that holds files of every format but IDX, one after the other. */
export const FILES_PART = 'files';
/** Larger folders are registered by path. */
export const MAX_UPLOADED_FILES = 50_000;
/** What an upload may have. */
export const UPLOAD_PARTS: UploadParts = { files: MAX_UPLOADED_FILES, fieldBytes: 1024 };

/** A relative path without "..": what a folder can hold. */
const PATH = /^(?!.*(^|\/)\.{0,2}(\/|$))[^\\\p{Cc}\p{Cs}]{1,1024}$/u;

type Parts = Partial<Record<string, Express.Multer.File[]>>;

/**
 * The files of an upload by the names that the format, or their sender, gives them; where they lie says nothing.
 * @throws AppError invalid_request naming the parts that are missing or too many, and file names that are no paths
 */
export function uploadedFiles(request: Request, format: DatasetFormat): ImageFile[] {
  const parts = (request.files ?? {}) as Parts;
  const wanted: readonly string[] = format === 'idx' ? IDX_FILES : [FILES_PART];
  const faults = [
    ...wanted
      .filter((part) => !parts[part]?.length)
      .map((field) => ({ field, expected: expectedOf(format) })),
    ...Object.keys(parts)
      .filter((part) => !wanted.includes(part))
      .map((field) => ({ field, expected: `no part of this name for the format ${format}` })),
  ];
  if (faults.length > 0) throw invalidRequest(faults);
  return format === 'idx'
    ? wanted.map((part) => ({ name: part, path: parts[part]![0]!.path }))
    : parts[FILES_PART]!.map(namedFile);
}

function expectedOf(format: DatasetFormat): string {
  return format === 'idx'
    ? 'an IDX file in a part of this name'
    : `the files of a dataset of the format ${format} in parts of this name`;
}

function namedFile({ originalname, path }: Express.Multer.File): ImageFile {
  const name = originalname.replace(/^\.\//, '');
  if (PATH.test(name)) return { name, path };
  const fault: FieldError = {
    field: FILES_PART,
    value: originalname,
    expected: 'a file name that is a path within a folder: train/cat/1.png, say',
  };
  throw invalidRequest([fault]);
}
