import fs from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder, TYPESCRIPT_NODE_OPTIONS, waitUntil } from '#testkit';
import { isProcessAlive } from './processes.js';
import { spawnService, type ServiceOptions } from './service.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder('service');
});
afterEach(() => folder.remove());

async function service(source: string, options: Partial<ServiceOptions> = {}) {
  const entry = path.join(folder.path, 'main.mjs');
  await fs.writeFile(entry, source);
  const note = path.join(folder.path, 'note');
  const env = { NODE_OPTIONS: TYPESCRIPT_NODE_OPTIONS, NOTE: note, ...options.env };
  const started = await spawnService({ name: 'test service', entry, stdout: 'ignore', ...options, env });
  return { ...started, notes: () => fs.readFile(note, 'utf8') };
}

const ORDERLY = `
  import fs from 'node:fs';
  import { announceReady, createLogger, installShutdown, onShutdown } from '#runtime';
  const note = (text) => fs.appendFileSync(process.env.NOTE, text + ' ');
  installShutdown({ logger: createLogger('test', 'silent') });
  onShutdown(() => note('first'));
  onShutdown(async () => { await null; note('second'); });
  onShutdown(() => note('taken back'))();
  announceReady('http://127.0.0.1:1');
`;

test('is ready when the child says so, and ends in order when stopped: last hook first', async () => {
  const child = await service(ORDERLY);
  expect(child.url).toBe('http://127.0.0.1:1');
  expect(await child.stop()).toEqual({ code: 0, signal: null });
  expect(await child.exited).toEqual({ code: 0, signal: null });
  expect(await child.notes()).toBe('second first ');
  expect(isProcessAlive(child.pid)).toBe(false);
});

test('is put in its place by the command that is given', async () => {
  const child = await service(ORDERLY, { command: ['env', 'PLACE=there'] });
  const environment = await fs.readFile(`/proc/${child.pid}/environ`, 'utf8');
  expect(environment.split('\0')).toContain('PLACE=there');
  await child.stop();
});

test('a hook that fails keeps no other from running and gives exit code 1', async () => {
  const child = await service(`${ORDERLY} onShutdown(() => { throw new Error('stuck'); });`);
  expect(await child.stop()).toEqual({ code: 1, signal: null });
  expect(await child.notes()).toBe('second first ');
});

test('an error that nobody caught ends the service in order, with exit code 1', async () => {
  const child = await service(`${ORDERLY} setImmediate(() => { throw new Error('lost'); });`);
  expect(await child.exited).toEqual({ code: 1, signal: null });
  expect(await child.notes()).toBe('second first ');
});

test('kills a service that does not end in time', async () => {
  const child = await service(`
    process.on('SIGTERM', () => {});
    setInterval(() => {}, 1000);
    process.send({ type: 'ready' });
  `);
  expect(await child.stop(50)).toEqual({ code: null, signal: 'SIGKILL' });
});

test('ends in order when its launcher is killed', async () => {
  const inner = path.join(folder.path, 'inner.mjs');
  await fs.writeFile(inner, ORDERLY);
  const launcher = await service(`
    import { announceReady, spawnService } from '#runtime';
    const inner = await spawnService({ name: 'inner', entry: ${JSON.stringify(inner)}, stdout: 'ignore' });
    announceReady('pid:' + inner.pid);
  `);
  const innerPid = Number(launcher.url!.split(':')[1]);
  process.kill(launcher.pid, 'SIGKILL');
  await waitUntil('the service ends', () => !isProcessAlive(innerPid));
  expect(await launcher.notes()).toBe('second first ');
});

test('a service that ends before it is ready is an error', async () => {
  await expect(service('process.exit(3)')).rejects.toThrow(
    'test service ended (exit code 3) before it was ready',
  );
});

test('a service that never gets ready is an error and is not left running', async () => {
  const note = path.join(folder.path, 'note');
  const source = `
    import fs from 'node:fs';
    fs.writeFileSync(process.env.NOTE, String(process.pid));
    setInterval(() => {}, 1000);
  `;
  await expect(service(source, { readyTimeoutMs: 1000 })).rejects.toThrow('was not ready after 1000 ms');
  expect(isProcessAlive(Number(await fs.readFile(note, 'utf8')))).toBe(false);
});
