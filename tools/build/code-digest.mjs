import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** What the service is built from; the schema stands for the database client that is generated from it. */
const PARTS = ['apps', 'libs', 'prisma/schema.prisma'];
/** What no build holds, or what is generated. */
const LEFT_OUT = /\.(test|fixture)\.ts$|^libs\/testkit\/|^apps\/[^/]+\/src\/testing\/|\/src\/generated\//;
const DIGITS = 12;

/**
 * Digest over paths and contents of the sources below `root` that a build of the service is made from: the same wherever they
 * lie, with or without their tests beside them.
 * @returns 12 hex digits of a SHA-256
 */
function codeDigest(root) {
  const hash = createHash('sha256');
  for (const file of PARTS.flatMap((part) => filesOf(root, part)).sort()) {
    hash.update(JSON.stringify([file, fs.readFileSync(path.join(root, file), 'utf8')]));
  }
  return hash.digest('hex').slice(0, DIGITS);
}

/** Relative to `root`, with slashes on every system. */
function filesOf(root, part) {
  if (!fs.statSync(path.join(root, part)).isDirectory()) return [part];
  return fs
    .readdirSync(path.join(root, part), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map(({ parentPath, name }) => path.relative(root, path.join(parentPath, name)).replaceAll(path.sep, '/'))
    .filter((file) => !LEFT_OUT.test(file));
}

/**
 * Does the work of a build and has `file` name the code that it was made from: not at all while other code is being built, or
 * after a build that failed.
 */
export function namingCode(root, file, work) {
  const text = `${JSON.stringify({ code: codeDigest(root) })}\n`;
  if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') !== text) fs.rmSync(file);
  work();
  fs.writeFileSync(file, text);
}
