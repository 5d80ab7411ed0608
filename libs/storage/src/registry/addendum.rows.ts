import { addendumUrl, ModelAddendum } from '#contracts';
import { auditColumns, json, plain } from '../database/rows.js';
import type { ModelAddendumModel } from '../generated/models.js';
import { WITH_PLACE } from './model.rows.js';

/** What an addendum is read with: the version that it is of. */
export const OF_VERSION = WITH_PLACE;

type AddendumRow = ModelAddendumModel & { modelVersion: { version: number; model: { name: string } } };

export function addendumColumns(addendum: ModelAddendum, modelVersionId: string) {
  const { digest, bytes, testImages, jobId, ratios } = addendum;
  return {
    ...auditColumns(addendum),
    ...{ modelVersionId, digest, bytes: BigInt(bytes), testImages, jobId },
    ratios: json(ratios),
  };
}

export function toAddendum({ modelVersion, ...row }: AddendumRow): ModelAddendum {
  const { version, model } = modelVersion;
  const url = addendumUrl(model.name, version, row.digest);
  return ModelAddendum.parse({ ...plain(row), model: model.name, version, url });
}
