import { pathToFileURL } from 'node:url';
import path from 'node:path';

const REGISTER = pathToFileURL(path.join(import.meta.dirname, '..', 'typescript-register.mjs')).href;

/** NODE_OPTIONS for a child process that runs TypeScript sources and reaches the libs as `#name`. */
export const TYPESCRIPT_NODE_OPTIONS = `--import=${REGISTER}`;
