import fs from 'node:fs';
import path from 'node:path';
import { LEAN_PROCESS } from '#runtime';

/** What the service itself says about the things that deploy/ has to agree with. */

export const ROOT = path.resolve(import.meta.dirname, '../..');
export const read = (file: string): string => fs.readFileSync(path.join(ROOT, file), 'utf8');

/** Read by the S3 client, which has them from the environment by itself. */
const S3_CLIENT_VARIABLES = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION'];

/** What the API is started with so that it takes less memory, as variables alone. */
export const LEAN_ENVIRONMENT = { NODE_OPTIONS: LEAN_PROCESS.nodeArgs.join(' '), ...LEAN_PROCESS.env };

/** The variables that #runtime, a library or Node.js looks at. */
export function knownVariables(): string[] {
  const declared = read('libs/runtime/src/config.ts').matchAll(/^ {2}([A-Z][A-Z_]+):/gm);
  const names = [...declared].map((match) => match[1]!);
  return [...names, ...S3_CLIENT_VARIABLES, ...Object.keys(LEAN_ENVIRONMENT)];
}

/** After how long a process that was asked to end does so, whatever it is at. */
export function shutdownSeconds(): number {
  const found = /timeoutMs = ([\d_]+)/.exec(read('libs/runtime/src/shutdown.ts'));
  if (found === null) throw new Error('libs/runtime/src/shutdown.ts: expected a default of timeoutMs');
  return Number(found[1]!.replaceAll('_', '')) / 1000;
}

/** Whether the build makes a file of dist/, which may not be there yet: whether it has a source. */
export function isBuilt(file: string): boolean {
  return fs.existsSync(path.join(ROOT, file.replace(/^dist\//, '').replace(/\.js$/, '.ts')));
}
