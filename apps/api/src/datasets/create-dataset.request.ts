import type { Request } from 'express';
import { CreateDataset, DATASET_FILES, UploadDataset, type DatasetFile } from '#contracts';
import type { IdxPaths } from '#datasets';
import { checked, invalidRequest } from '../http/contract.pipe.js';

export type DatasetRequest =
  | { readonly kind: 'json'; readonly body: CreateDataset }
  | { readonly kind: 'upload'; readonly name: string; readonly files: IdxPaths };

/** What POST /v1/datasets is sent: JSON that says where the files are, or the files. @throws AppError invalid_request */
export function datasetRequest(request: Request): DatasetRequest {
  if (!request.is('multipart/form-data')) {
    return { kind: 'json', body: checked(CreateDataset, request.body, 'body') };
  }
  // Multer's fields have no prototype, which the contract takes for no object.
  const fields: unknown = { ...(request.body as object | undefined) };
  const { name } = checked(UploadDataset, fields, 'body');
  return { kind: 'upload', name, files: uploadedPaths(request) };
}

function uploadedPaths(request: Request): IdxPaths {
  const uploads = request.files as Partial<Record<DatasetFile, Express.Multer.File[]>> | undefined;
  const missing = DATASET_FILES.filter((file) => uploads?.[file]?.[0] === undefined);
  if (missing.length > 0) {
    throw invalidRequest(missing.map((field) => ({ field, expected: 'an IDX file in a part of this name' })));
  }
  const pathOf = (file: DatasetFile) => uploads![file]![0]!.path;
  return {
    trainImages: pathOf('trainImages'),
    trainLabels: pathOf('trainLabels'),
    testImages: pathOf('testImages'),
    testLabels: pathOf('testLabels'),
  };
}
