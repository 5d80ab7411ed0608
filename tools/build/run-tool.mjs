import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../..');
/** Only one process at a time makes what is generated. */
export const BUILD_LOCK = path.join(ROOT, 'dist', '.building');
/** Says which code dist/ was made from; libs/runtime reads it. */
export const BUILD_FILE = path.join(ROOT, 'dist', 'build.json');

/** Runs a command of node_modules. @throws Error with all that it said, where it fails */
export function runTool(bin, args) {
  const file = fs.realpathSync(path.join(ROOT, 'node_modules/.bin', bin));
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [file, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status === 0) return;
  throw new Error(`${bin} ${args.join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`);
}
