import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT, runTool } from './run-tool.mjs';

const STAMP = path.join(ROOT, 'libs/storage/src/generated/.made-from');

/** Makes the database client, where the schema or Prisma has changed since. Nobody else may do so meanwhile. */
export function generateClient() {
  const madeFrom = digestOf('prisma/schema.prisma', 'node_modules/prisma/package.json');
  if (fs.existsSync(STAMP) && fs.readFileSync(STAMP, 'utf8') === madeFrom) return;
  runTool('prisma', ['generate']);
  fs.writeFileSync(STAMP, madeFrom);
}

function digestOf(...files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(fs.readFileSync(path.join(ROOT, file)));
  return hash.digest('hex');
}
