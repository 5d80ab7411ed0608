// Renews a section of docs/benchmarks.md from a benchmark's JSON file. Run `npm run build` first.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { renewDocument, resultOf } from '../dist/bench/document/benchmarks-document.js';

const HELP = `Usage: npm run docs:benchmarks -- FILE...

FILE is what \`npm run bench -- NAME --json FILE\` wrote, of which NAME is engine, gpu, accuracy, calibration,
latency-tables, service or registry: its section is renewed, the others stay as they are.
Its raw figures go to docs/results.
`;

const sources = process.argv.slice(2);
if (sources.length === 0 || sources.includes('--help')) {
  process.stdout.write(HELP);
  process.exitCode = sources.length === 0 ? 2 : 0;
} else {
  const file = new URL('../docs/benchmarks.md', import.meta.url);
  let document = await readFile(file, 'utf8').catch(() => '');
  const results = new URL('../docs/results/', import.meta.url);
  await mkdir(results, { recursive: true });
  for (const source of sources) {
    const measured = JSON.parse(await readFile(source, 'utf8'));
    document = renewDocument(document, measured);
    await writeFile(new URL(`${measured.bench}.json`, results), `${JSON.stringify(resultOf(measured))}\n`);
  }
  const options = await resolveConfig(file);
  await writeFile(file, await format(document, { ...options, parser: 'markdown' }));
}
