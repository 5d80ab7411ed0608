import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { requireAccess, SECURITY_SCHEME } from './access-of-operations.js';
import { componentSchemas, inlineSchema, referenceTo } from './components.js';

const API_VERSION = '1.0.0';
const DESCRIPTION = `Trains one set of weights for many pruning ratios, measures devices at each of their clocks and
chooses the ratio that keeps inference latency the same. Errors are RFC 9457 problems with a stable \`code\`; lists are
pages with an opaque \`nextCursor\`; a POST that creates or counts may carry an \`Idempotency-Key\`. Requests carry an API
key as bearer token; what belongs to other teams does not exist for it.`;

/** The API as OpenAPI 3.1, from its routes and the zod contracts. @throws Error for a route that does not say who may call it */
export function buildDocument(app: INestApplication): OpenAPIObject {
  const base = new DocumentBuilder()
    .setTitle('Isochron')
    .setDescription(DESCRIPTION.replaceAll('\n', ' '))
    .setVersion(API_VERSION)
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'an API key: iso_...' }, SECURITY_SCHEME)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .build();
  const document = SwaggerModule.createDocument(app, base, {
    standardSchemaConverter: (schema) => {
      const reference = referenceTo(schema);
      return { schema: reference ?? (schema instanceof z.ZodType ? inlineSchema(schema) : {}) };
    },
  });
  requireAccess(document);
  return { ...document, components: { ...document.components, schemas: componentSchemas() } };
}
