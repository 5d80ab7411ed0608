import { ImportLatencyTable } from '#contracts';
import { referenceTo } from '../openapi/components.js';
import type { Documentation } from '../openapi/documented.decorator.js';
import { FILE_PART, OPTIONS_PART } from './import.request.js';

/** The body of POST /v1/devices/{id}/latency-tables. */
export const IMPORT_BODY: NonNullable<Documentation['requestBody']> = {
  required: true,
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object',
        required: [OPTIONS_PART, FILE_PART],
        properties: {
          [OPTIONS_PART]: referenceTo(ImportLatencyTable) ?? {},
          [FILE_PART]: {
            type: 'array',
            minItems: 1,
            items: { type: 'string', contentMediaType: 'application/octet-stream' },
            description: 'one file for the formats csv and csv-mapped, else those that options.logs names',
          },
        },
      },
      encoding: { [OPTIONS_PART]: { contentType: 'application/json' } },
    },
  },
} as NonNullable<Documentation['requestBody']>;
