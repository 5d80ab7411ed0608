// Renews a section of docs/benchmarks.md from a benchmark's JSON file. Run `npm run build` first.
import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { renewDocument } from '../dist/bench/document/benchmarks-document.js';

const HELP = `Usage: npm run docs:benchmarks -- FILE...

FILE is what \`npm run bench -- NAME --json FILE\` wrote, of which NAME is engine, gpu, accuracy, calibration or
latency-tables: its section is renewed, the others stay as they are.
`;

const sources = process.argv.slice(2);
if (sources.length === 0 || sources.includes('--help')) {
  process.stdout.write(HELP);
  process.exitCode = sources.length === 0 ? 2 : 0;
} else {
  const file = new URL('../docs/benchmarks.md', import.meta.url);
  let document = await readFile(file, 'utf8').catch(() => '');
  for (const source of sources)
    document = renewDocument(document, JSON.parse(await readFile(source, 'utf8')));
  const options = await resolveConfig(file);
  await writeFile(file, await format(document, { ...options, parser: 'markdown' }));
}
