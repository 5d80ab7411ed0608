import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
let queueFails = false;
beforeAll(async () => {
  const health = () => (queueFails ? Promise.reject(new Error('secret host')) : Promise.resolve());
  api = await startTestApi({ queue: { kind: 'redis', health } });
});
afterAll(() => api.close());

test('lives and is ready', async () => {
  expect(await api.get('/health/live')).toMatchObject({ status: 200, body: { status: 'ok' } });
  const { status, body } = await api.get('/health/ready');
  expect([status, body]).toEqual([
    200,
    {
      status: 'ok',
      parts: [
        { name: 'database', kind: 'postgres', status: 'ok' },
        { name: 'queue', kind: 'redis', status: 'ok' },
        { name: 'artifacts', kind: 'directory', status: 'ok' },
      ],
    },
  ]);
});

test('says which part fails, and still lives', async () => {
  queueFails = true;
  const { status, body } = await api.get('/health/ready');
  expect([status, body.status]).toEqual([503, 'failing']);
  expect(body.parts[0].status).toBe('ok');
  expect(body.parts[1]).toMatchObject({ name: 'queue', status: 'failing', detail: expect.any(String) });
  expect(JSON.stringify(body)).not.toContain('secret');
  expect((await api.get('/health/live')).status).toBe(200);
});

test('is not ready while artifacts cannot be stored', async () => {
  const incoming = path.join(api.store.folder, 'incoming');
  await rm(incoming, { recursive: true, force: true });
  await writeFile(incoming, 'in the way of what is being stored');
  const { status, body } = await api.get('/health/ready');
  const failing = { name: 'artifacts', kind: 'directory', status: 'failing', detail: 'artifacts: no answer' };
  expect([status, body.parts[2]]).toEqual([503, failing]);
  await rm(incoming);
  expect((await api.get('/health/ready')).body.parts[2].status).toBe('ok');
});
