import { CreateDataset, DATASET_FILES } from '#contracts';
import type { Documentation } from '../openapi/documented.decorator.js';
import { referenceTo } from '../openapi/components.js';

const file = { type: 'string', contentMediaType: 'application/octet-stream', description: 'IDX, gzip too' };

/** The two bodies of POST /v1/datasets. */
export const DATASET_BODY: NonNullable<Documentation['requestBody']> = {
  required: true,
  content: {
    'application/json': { schema: referenceTo(CreateDataset) ?? {} },
    'multipart/form-data': {
      schema: {
        type: 'object',
        required: ['name', ...DATASET_FILES],
        properties: {
          name: { type: 'string' },
          ...Object.fromEntries(DATASET_FILES.map((name) => [name, file])),
        },
      },
    },
  },
};
