import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '#testkit';
import type { BenchFile, BenchResult } from './benchmark.js';
import { runBenchmark } from './run-benchmark.js';

const rows = [{ name: 'speed', value: 2, unit: 'x', detail: {} }];
const failed = [{ method: 'independent', seed: 3, message: 'it diverged' }];
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => (folder = await temporaryFolder()));
afterEach(() => folder.remove());

async function run(result: BenchResult) {
  const [printed, said]: [string[], string[]] = [[], []];
  const json = path.join(folder.path, 'figures.json');
  const exitCode = await runBenchmark(
    {
      ...{ name: 'made-up', command: 'npm run bench -- made-up', json },
      benchmark: { summary: '', run: () => Promise.resolve(result) },
      options: { rounds: 1, quick: true, peerPythons: [] },
    },
    { print: (text) => printed.push(text), say: (text) => said.push(text) },
  );
  const file = JSON.parse(await readFile(json, 'utf8')) as BenchFile;
  return { exitCode, file, printed: printed.join('\n'), said };
}

describe('running a benchmark', () => {
  it('prints its figures and writes them with what they come from', async () => {
    const { exitCode, file, printed, said } = await run({ rows, settings: { depth: 8 }, failed: [] });
    expect(exitCode).toBe(0);
    expect(file).toMatchObject({ bench: 'made-up', command: 'npm run bench -- made-up', rows, failed: [] });
    expect(file).toMatchObject({ settings: { depth: 8 }, versions: { node: process.version } });
    expect(printed).toContain('speed');
    expect(said).toEqual([]);
  });

  it('fails after that where a run failed, and writes which', async () => {
    const { exitCode, file, printed, said } = await run({ rows, failed });
    expect(exitCode).toBe(1);
    expect(file).toMatchObject({ rows, failed });
    expect(printed).toContain('speed');
    expect(said).toEqual(['1 run failed: the figures are made from the others']);
  });
});
