import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '#testkit';
import { openMeasuring } from '../open-measuring.js';
import { readRecordedTable } from './recorded-table.js';

const CELLS = [
  { operatingPoint: 'fast', ratio: 0, samplesMs: [10, 11, 12] },
  { operatingPoint: 'fast', ratio: 0.5, samplesMs: [5, 6] },
  { operatingPoint: 'slow', ratio: 0, samplesMs: [20, 21] },
];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let file: string;
beforeEach(async () => {
  folder = await temporaryFolder('recorded');
  file = join(folder.path, 'table.json');
  await writeFile(file, JSON.stringify({ id: 'more than is needed', cells: CELLS }));
});
afterEach(() => folder.remove());

async function open(seed: number) {
  const { controller, startRunner } = await openMeasuring({
    ...{ realClocks: false, emulation: 'auto', stateFile: '', points: [] },
    recorded: { file, seed },
  });
  const runner = startRunner();
  const draw = async (point: string, ratio: number, samples = 20) => {
    await controller.apply({ name: point }, { pid: runner.pid, threads: 1 });
    await runner.load({ file: '', ratio, batch: 1, threads: 1 });
    return runner.sample({ runsPerSample: 1, samples });
  };
  return { controller, runner, draw };
}

it('samples are drawn from those recorded for point and ratio, as the seed says, in any order of cells', async () => {
  const [first, again, other] = [await open(1), await open(1), await open(2)];
  const drawn = await first.draw('fast', 0);
  expect(new Set(drawn)).toEqual(new Set([10, 11, 12]));
  expect(new Set(await first.draw('slow', 0))).toEqual(new Set([20, 21]));
  await again.draw('slow', 0);
  expect(await again.draw('fast', 0)).toEqual(drawn);
  expect(await other.draw('fast', 0)).not.toEqual(drawn);
  expect(first.controller).toMatchObject({ kind: 'recorded', emulated: true });
  expect(first.runner.name).toBe('recorded');
});

it('a ratio that was not recorded is refused with those that were', async () => {
  const { draw } = await open(1);
  await expect(draw('fast', 0.3)).rejects.toThrow(
    'ratio 0.3 was not recorded at "fast"; recorded there: 0, 0.5',
  );
});

it.each([
  ['no JSON', 'expected the cells of a latency table as JSON'],
  [
    '{"cells":[{"index":0,"operatingPoint":"a","ratio":0,"sampleCount":12,"summary":{"p50Ms":1}}]}',
    'cells.0.samplesMs: expected a list of samples in milliseconds, which GET /v1/latency-tables/{id} does not answer',
  ],
  ['{"cells":[]}', 'cells: expected at least one cell'],
  [
    '{"cells":[{"operatingPoint":"a","ratio":0,"samplesMs":[0]}]}',
    'cells.0.samplesMs.0: expected milliseconds above 0',
  ],
  [
    '{"cells":[{"operatingPoint":"a","ratio":0,"samplesMs":[]}]}',
    'cells.0.samplesMs: expected milliseconds above 0, at least one',
  ],
])('a file with %s is refused by name and field', async (content, message) => {
  await writeFile(file, content);
  expect(() => readRecordedTable(file)).toThrow(message);
  expect(() => readRecordedTable(file)).toThrow('table.json');
});

it('a file that is not there is refused by name', () => {
  expect(() => readRecordedTable(join(folder.path, 'none.json'))).toThrow('none.json');
});
