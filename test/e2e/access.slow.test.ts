import fs from 'node:fs';
import path from 'node:path';
import { callerOf, dataFolder, launch, readyUrl, type DataFolder, type Launched } from './launched.js';

const KEY = /iso_[\w-]{32}/;

describe('keys of a launched service', () => {
  let data: DataFolder;
  let service: Launched;
  let base: string;
  const start = async () => {
    service = launch('main.js', ['--no-worker', '--data-dir', data.path]);
    base = await readyUrl(service);
  };
  const stop = async () => {
    service.process.kill('SIGINT');
    await service.exited;
  };
  /** Runs `npm run access`. */
  const access = async (...args: string[]) => {
    const command = launch('access.main.js', [...args, '--data-dir', data.path]);
    return { code: await command.exited, output: command.output() };
  };
  const me = async (key: string) => {
    const response = await fetch(`${base}/v1/me`, { headers: { authorization: `Bearer ${key}` } });
    return (await response.json()) as { code?: string; team?: { name: string }; key?: { role: string } };
  };

  beforeAll(async () => {
    data = await dataFolder();
    await start();
  });
  afterAll(async () => {
    await stop();
    await data.remove();
  });

  test('the first start prints the admin key once, and keeps it; the next start prints none', async () => {
    const printed = KEY.exec(service.output())![0];
    expect(fs.readFileSync(path.join(data.path, 'admin-key'), 'utf8')).toBe(`${printed}\n`);
    expect(await me(printed)).toMatchObject({ team: { name: 'default' }, key: { role: 'admin' } });
    await stop();
    await start();
    expect(service.output()).not.toMatch(KEY);
    expect((await callerOf(data.path)(`${base}/v1/jobs`)).status).toBe(200);
  });

  test('are made at the console, while the service runs and while it does not', async () => {
    const running = await access('admin-key', '--name', 'second');
    expect([running.code, running.output]).toEqual([0, expect.stringMatching(KEY)]);
    expect(await me(KEY.exec(running.output)![0])).toMatchObject({ key: { role: 'admin' } });
    await stop();
    const stopped = await access('team', 'vision');
    expect([stopped.code, stopped.output]).toEqual([0, expect.stringMatching(KEY)]);
    await start();
    expect(await me(KEY.exec(stopped.output)![0])).toMatchObject({ team: { name: 'vision' } });
    const again = await access('team', 'vision');
    expect([again.code, again.output]).toEqual([1, expect.stringContaining('there is a team "vision"')]);
    const unknown = await access('admin-key', '--team', 'nobody');
    expect([unknown.code, unknown.output]).toEqual([1, expect.stringContaining('no team "nobody"')]);
  });

  test('are in no log', () => {
    const folder = path.join(data.path, 'log');
    for (const file of fs.readdirSync(folder))
      expect(fs.readFileSync(path.join(folder, file), 'utf8')).not.toMatch(KEY);
  });
});
