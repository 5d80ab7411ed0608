// Writes docs/benchmarks.md from a benchmark's JSON file. Run `npm run build` first.
import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { benchmarksDocument } from '../dist/bench/document/benchmarks-document.js';

const HELP = `Usage: npm run docs:benchmarks -- FILE

FILE is what \`npm run bench -- engine --json FILE\` wrote.
`;

const [source] = process.argv.slice(2);
if (source === undefined || source === '--help') {
  process.stdout.write(HELP);
  process.exitCode = source === undefined ? 2 : 0;
} else {
  const file = new URL('../docs/benchmarks.md', import.meta.url);
  const options = await resolveConfig(file);
  const document = benchmarksDocument(JSON.parse(await readFile(source, 'utf8')));
  await writeFile(file, await format(document, { ...options, parser: 'markdown' }));
}
