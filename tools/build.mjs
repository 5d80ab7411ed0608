// Builds dist/: generates the database client when its schema has changed, then compiles what has changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');
const GENERATED = path.join(ROOT, 'libs/storage/src/generated');
const STAMP = path.join(GENERATED, '.made-from');

const madeFrom = digestOf('prisma/schema.prisma', 'node_modules/prisma/package.json');
if (!fs.existsSync(STAMP) || fs.readFileSync(STAMP, 'utf8') !== madeFrom) {
  run('prisma', ['generate']);
  fs.writeFileSync(STAMP, madeFrom);
}
run('tsc', ['-p', 'tsconfig.build.json']);

function digestOf(...files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(fs.readFileSync(path.join(ROOT, file)));
  return hash.digest('hex');
}

/** Says nothing unless it fails: whoever builds wants what comes after. */
function run(bin, args) {
  const file = fs.realpathSync(path.join(ROOT, 'node_modules/.bin', bin));
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status === 0) return;
  process.stderr.write(`${bin} ${args.join(' ')} failed:\n${stdout}${stderr}`);
  process.exit(1);
}
