// Writes docs/errors.md from the built catalogue of error codes. Run `npm run build` first.
import { writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { errorsDocument } from '../dist/apps/api/src/http/errors-document.js';

const file = new URL('../docs/errors.md', import.meta.url);
const options = await resolveConfig(file);
await writeFile(file, await format(errorsDocument(), { ...options, parser: 'markdown' }));
