import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { TYPESCRIPT_NODE_OPTIONS } from '#testkit';
import { withThreads } from './wasm-threads.js';

const run = promisify(execFile);
const EXECUTOR = new URL('../index.ts', import.meta.url).href;

/** What a module prints until its process ends, which nothing but its own end makes it do. */
async function outputOf(code: string): Promise<string> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'wasm-threads-'));
  const file = path.join(folder, 'main.mjs');
  writeFileSync(file, code);
  try {
    const { stdout } = await run(process.execPath, [TYPESCRIPT_NODE_OPTIONS, file], { timeout: 60_000 });
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('worker threads end with the process, which they do not keep alive', async () => {
  const output = await outputOf(`
    import { createTfjsExecutor } from '${EXECUTOR}';
    const { info } = await createTfjsExecutor({ provider: 'wasm', threads: 2 });
    const listeners = ['uncaughtException', 'unhandledRejection'].map((event) => process.listenerCount(event));
    console.log(JSON.stringify({ threads: info.threads, listeners }));
  `);
  expect(JSON.parse(output)).toEqual({ threads: 2, listeners: [0, 0] });
});

test('what starting changes for a while is as it was afterwards', async () => {
  const before = [os.cpus, os.cpus().length, URL.createObjectURL.name];
  const during = await withThreads(8, () => Promise.resolve(os.cpus().length));
  expect(during).toBe(Math.max(16, before[1] as number));
  expect([os.cpus, os.cpus().length, URL.createObjectURL.name]).toEqual(before);
});
