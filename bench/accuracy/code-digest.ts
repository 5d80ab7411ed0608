/** What the figures of Isochron's own runs depend on besides their settings: its code, as a digest. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** Of the tree that this file is in: the build's, or the sources' where tests run those. */
const ROOT = path.resolve(import.meta.dirname, '../..');
const TRAINING_CODE = [
  ...['graph', 'onnx', 'engine', 'network', 'pruning', 'datasets'].map((lib) => `libs/${lib}`),
  `bench/accuracy/perform-run${path.extname(import.meta.filename)}`,
];
/** Files that no training runs. */
const LEFT_OUT = /\/(testing|conformance)\/|\.(test|fixture)\.[^/]*$|\.d\.ts$|\.map$/;

/**
 * Hex SHA-256 over paths and contents of code, without its tests.
 * @param parts files and folders, relative to `root`
 * @throws the error of node:fs where a part is not there
 */
export function digestOfCode(root: string, parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of parts.flatMap((part) => filesOf(root, part)).sort()) {
    hash.update(JSON.stringify([file, fs.readFileSync(path.join(root, file), 'utf8')]));
  }
  return hash.digest('hex');
}

/** Relative to `root`, with slashes on every system. */
function filesOf(root: string, part: string): string[] {
  const whole = path.join(root, part);
  if (!fs.statSync(whole).isDirectory()) return [part];
  return fs
    .readdirSync(whole, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.relative(root, path.join(parentPath, name)).replaceAll(path.sep, '/'))
    .filter((file) => !LEFT_OUT.test(file));
}

let known: string | undefined;

/** Of this installation; what it was when this process first asked, whatever becomes of the files. */
export const codeDigest = (): string => (known ??= digestOfCode(ROOT, TRAINING_CODE));

/**
 * Refuses to run other code than whoever ordered a run: a build may be renewed while a benchmark runs.
 * @param ordered the digest that the order names
 * @throws Error naming both digests
 */
export function checkCode(ordered: string): void {
  const own = codeDigest();
  if (own === ordered) return;
  throw new Error(
    `the code changed since the benchmark began: its digest is ${own.slice(0, 16)}, expected ` +
      `${ordered.slice(0, 16)}; begin the benchmark again`,
  );
}
