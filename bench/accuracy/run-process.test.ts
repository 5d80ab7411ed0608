import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isProcessAlive } from '#runtime';
import { temporaryFolder, TYPESCRIPT_NODE_OPTIONS, waitUntil } from '#testkit';
import type { RunProgress } from './accuracy-run.js';
import { madeUpRun } from './accuracy-runs.fixture.js';
import { inNodeProcess, inProgram } from './run-process.js';
import type { OwnRunSettings, RunOrder } from './run-settings.js';

process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

const order = { method: 'all-in-one', seed: 1 } as RunOrder;
const run = madeUpRun('all-in-one', 1, [90, 80]);
const progress: RunProgress = { epoch: 1, epochs: 2, fraction: 0.25 };
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => (folder = await temporaryFolder()));
afterEach(() => folder.remove());

async function script(text: string): Promise<string> {
  const file = path.join(folder.path, 'script.mjs');
  await writeFile(file, text);
  return file;
}
const messages = [
  { type: 'progress', progress },
  { type: 'done', run },
].map((each) => JSON.stringify(each));

describe('a run in a process of its own', () => {
  it('gives progress and the run, over a channel or lines', async () => {
    const overChannel = await script(
      `process.on('message', (order) => order.seed === 1 && [${messages.join(', ')}].forEach((each) => process.send(each)));`,
    );
    const told: RunProgress[] = [];
    expect(await inNodeProcess(order, overChannel)((each) => told.push(each))).toEqual(run);
    const overLines = await script(
      `import fs from 'node:fs';\n` +
        `for (const line of process.argv.slice(2)) fs.writeSync(3, line + '\\n');`,
    );
    const program = inProgram(process.execPath, [overLines, ...messages]);
    expect(await program((each) => told.push(each))).toEqual(run);
    expect(told).toEqual([progress, progress]);
  });

  it.each([
    ['ends early', 'process.exit(3)', /ended without a result \(3\)/],
    ['is killed', `process.kill(process.pid, 'SIGKILL')`, /ended without a result \(SIGKILL\)/],
    ['says why', `process.send({ type: 'failed', message: 'no such file' })`, /no such file/],
    ['sends something else', `process.send({ type: 'done', run: {} })`, /something else than was expected/],
  ])('fails when it %s', async (_how, text, expected) => {
    await expect(inNodeProcess(order, await script(text))(() => {})).rejects.toThrow(expected);
  });

  it('fails where its code is not that of whoever ordered it', async () => {
    const settings = { code: '0'.repeat(64) } as OwnRunSettings;
    await expect(inNodeProcess({ ...order, settings })(() => {})).rejects.toThrow(
      /the code changed since the benchmark began: .* expected 0000000000000000/,
    );
  });

  it('fails when a program is not there or writes no JSON', async () => {
    await expect(inProgram('/nowhere/python', [])(() => {})).rejects.toThrow('ENOENT');
    const noisy = await script(`import fs from 'node:fs';\nfs.writeSync(3, 'Warning: something\\n');`);
    await expect(inProgram(process.execPath, [noisy])(() => {})).rejects.toThrow('Warning: something');
  });

  it('leaves nothing running', async () => {
    const pidFile = path.join(folder.path, 'pid');
    const lingering = await script(
      `import fs from 'node:fs';\nfs.writeFileSync('${pidFile}', String(process.pid));\n` +
        `setInterval(() => {}, 1000);\nprocess.send({ type: 'failed', message: 'enough' });`,
    );
    await expect(inNodeProcess(order, lingering)(() => {})).rejects.toThrow('enough');
    const pid = Number(await readFile(pidFile, 'utf8'));
    await waitUntil('the end of the process', () => !isProcessAlive(pid));
  });
});
