import { PublishBundle } from '#contracts';
import type { Documentation } from '../openapi/documented.decorator.js';
import { referenceTo } from '../openapi/components.js';
import { BUNDLE_TYPES } from './bundle-body.interceptor.js';

/** The two bodies of POST /v1/models/{name}/versions: the bundle, or the digest of one that was uploaded. */
export const PUBLISH_BODY: NonNullable<Documentation['requestBody']> = {
  required: true,
  content: {
    'application/json': { schema: referenceTo(PublishBundle) ?? {} },
    ...Object.fromEntries(BUNDLE_TYPES.map((type) => [type, {}])),
  },
};
