import { z } from 'zod';
import { Name } from './common.js';

/** A version of a model of the team. */
export const VersionReference = z.strictObject({ model: Name, version: z.number().int().min(1) });
export type VersionReference = z.infer<typeof VersionReference>;
