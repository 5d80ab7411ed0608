import { CreateDataset, IDX_FILES, UploadDataset } from '#contracts';
import type { Documentation } from '../openapi/documented.decorator.js';
import { inlineSchema, referenceTo } from '../openapi/components.js';
import { FILES_PART } from './uploaded-files.js';

const FILE = { type: 'string', contentMediaType: 'application/octet-stream' };

/** The two bodies of POST /v1/datasets. */
export const DATASET_BODY: NonNullable<Documentation['requestBody']> = {
  required: true,
  content: {
    'application/json': { schema: referenceTo(CreateDataset) ?? {} },
    'multipart/form-data': {
      schema: {
        type: 'object',
        description: `format is idx where it is left out; then ${IDX_FILES.join(', ')} are required, else ${FILES_PART}`,
        properties: {
          ...Object.fromEntries(IDX_FILES.map((name) => [name, { ...FILE, description: 'IDX, gzip too' }])),
          [FILES_PART]: {
            type: 'array',
            items: FILE,
            description: 'the other formats: their file names are paths within the folder',
          },
        },
        ...withFileParts(inlineSchema(UploadDataset)),
      },
    },
  },
};

/** The contract refuses text parts that it does not name; files are parts beside those. */
function withFileParts({ oneOf, ...schema }: Record<string, unknown>): Record<string, unknown> {
  const alternatives = (oneOf as Record<string, unknown>[]).map(
    ({ additionalProperties: _, ...alternative }) => alternative,
  );
  return { ...schema, oneOf: alternatives, unevaluatedProperties: false };
}
