import type { Request } from 'express';
import { CreateDataset, UploadDataset } from '#contracts';
import type { ImageFile } from '#datasets';
import { checked, invalidRequest } from '../http/contract.pipe.js';
import { uploadedFiles } from './uploaded-files.js';

export type DatasetRequest =
  | { readonly kind: 'json'; readonly body: CreateDataset }
  | { readonly kind: 'upload'; readonly form: UploadDataset; readonly files: readonly ImageFile[] };

/** What POST /v1/datasets is sent: JSON that says where the files are, or the files. @throws AppError invalid_request */
export function datasetRequest(request: Request): DatasetRequest {
  if (!request.is('multipart/form-data')) {
    return { kind: 'json', body: checked(CreateDataset, request.body, 'body') };
  }
  // Multer's fields have no prototype, which the contract takes for no object.
  const fields: Record<string, unknown> = { format: 'idx', ...(request.body as object | undefined) };
  refuseBlank(fields);
  const form = checked(UploadDataset, fields, 'body');
  return { kind: 'upload', form, files: uploadedFiles(request, form.format) };
}

/** The contract would take an empty text for the number 0. */
function refuseBlank(fields: Readonly<Record<string, unknown>>): void {
  const blank = Object.entries(fields).filter(([, text]) => typeof text === 'string' && text.trim() === '');
  if (blank.length === 0) return;
  throw invalidRequest(
    blank.map(([field, value]) => ({ field, value, expected: 'a value, or no part of this name' })),
  );
}
