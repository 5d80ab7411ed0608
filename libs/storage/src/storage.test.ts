import { once } from 'node:events';
import net from 'node:net';
import pg from 'pg';
import type { Job } from '#contracts';
import { submission, transition } from '#jobs';
import { openStorage } from '#storage';
import {
  aCandidate,
  aDataset,
  aDevice,
  aJob,
  aJobRequest,
  aMeasuringTask,
  testStorage,
  waitUntil,
  type TestStorage,
} from '#testkit';

let kept: TestStorage;
beforeEach(async () => {
  kept = await testStorage();
});
afterEach(() => kept.close());

async function execute<T extends pg.QueryResultRow>(sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: kept.databaseUrl });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function aStoredJob(): Promise<Job> {
  const dataset = aDataset(kept.actor);
  await kept.storage.datasets.create(dataset);
  const job = aJob(kept.actor, { spec: aJobRequest({ datasetId: dataset.id }) });
  await kept.storage.jobs.create(submission(job));
  return job;
}

const note = (held: Job) => transition(held, { type: 'begun', stage: 'train', generation: 0 }, new Date());

const begin = (job: Job) => kept.storage.jobs.update(job.id, note);

/** Cuts every connection of the storage, as a restart of the server does. */
const cutConnections = () =>
  execute(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid()`);

test('two processes that write to one job at once number its events without a gap', async () => {
  const job = await aStoredJob();
  const { databaseUrl, artifactsUrl } = kept;
  const other = await openStorage({ databaseUrl, artifactsUrl, onError: () => {} });
  try {
    const writers = [kept.storage, other].flatMap(({ jobs }) => Array(10).fill(jobs) as (typeof jobs)[]);
    await Promise.all(writers.map((jobs) => jobs.update(job.id, note)));
  } finally {
    await other.close();
  }
  const events = await kept.storage.jobs.eventsAfter(kept.actor, job.id, 0, 100);
  expect(events.map((event) => event.sequence)).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
});

test('listeners are woken again after the connection broke, also for what they missed', async () => {
  const job = await aStoredJob();
  let woken = 0;
  kept.storage.wakeups.onJobEvents(job.id, () => woken++);
  await cutConnections();
  await waitUntil('the connection is made again', () => woken > 0);
  const before = woken;
  // The first tries may get a connection that was cut before the pool has noticed.
  await waitUntil('the job is updated', () => begin(job).catch(() => undefined));
  await waitUntil('the listener is woken', () => woken > before);
});

test('a broken connection costs no more than the request that used it', async () => {
  const job = await aStoredJob();
  await cutConnections();
  await waitUntil('the job is read', () => kept.storage.jobs.load(job.id).catch(() => undefined));
  await kept.storage.health();
});

test('a database that is away is unavailable, not an internal error', async () => {
  const gate = await openGate(kept.databaseUrl);
  const { artifactsUrl, actor } = kept;
  const storage = await openStorage({ databaseUrl: gate.url, artifactsUrl, onError: () => {} });
  try {
    const job = await aStoredJob();
    const done = await storage.jobs.load(job.id);
    expect(done).toEqual(job);
    gate.close();
    const unavailable = { code: 'unavailable', fault: 'infrastructure', retry: true };
    // The first one may still use a connection that was cut under it; all say the same.
    await expect(storage.health()).rejects.toMatchObject(unavailable);
    await expect(storage.jobs.load(job.id)).rejects.toMatchObject(unavailable);
    await expect(storage.jobs.update(job.id, submission)).rejects.toMatchObject(unavailable);
    await expect(storage.idempotency.begin(actor, 'key', 'digest')).rejects.toMatchObject(unavailable);
  } finally {
    await storage.close();
  }
});

/** Another address of the database, which can be taken away. */
async function openGate(databaseUrl: string): Promise<{ url: string; close(): void }> {
  const { port, hostname } = new URL(databaseUrl);
  const sockets: net.Socket[] = [];
  const server = net.createServer((inside) => {
    const outside = net.connect(Number(port), hostname);
    for (const socket of [inside, outside]) sockets.push(socket.on('error', () => {}));
    inside.pipe(outside).pipe(inside);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = new URL(databaseUrl);
  url.port = String((server.address() as net.AddressInfo).port);
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { url: url.href, close };
}

test('a team may read the files that its resources refer to, and no others', async () => {
  const { actor, stranger, storage } = kept;
  const device = aDevice(actor);
  await storage.devices.create(device);
  const task = await storage.measuringTasks.create(aMeasuringTask(device));
  const job = await aStoredJob();
  const candidate = aCandidate();
  await begin(job);
  await storage.jobs.update(job.id, (held) =>
    transition(held, { type: 'trained', attempt: 1, candidate }, new Date()),
  );
  const { onnx } = task.subnets[0]!;
  const { bundle } = candidate;
  const file = aDataset(actor).files['trainImages']!;
  const expected = [
    { kind: 'onnx', digest: onnx.digest, bytes: onnx.bytes },
    { kind: 'bundle', digest: bundle.digest, bytes: bundle.bytes },
    { kind: 'dataset', digest: file.digest, bytes: file.bytes },
  ];
  for (const artifact of expected) {
    expect(await storage.artifactRecords.find(actor, artifact.digest)).toEqual(artifact);
    expect(await storage.artifactRecords.find(stranger, artifact.digest)).toBeUndefined();
  }
});

test('an id that is none is unknown, not an error', async () => {
  const { actor, storage } = kept;
  expect(await storage.jobs.find(actor, 'job-1')).toBeUndefined();
  expect(await storage.jobs.load('job-1')).toBeUndefined();
  expect(await storage.jobs.eventsAfter(actor, 'job-1', 0, 1)).toEqual([]);
  await expect(storage.jobs.update('job-1', submission)).rejects.toMatchObject({ code: 'not_found' });
  expect(await storage.devices.find(actor, 'x')).toBeUndefined();
  expect(await storage.datasets.find(actor, 'x')).toBeUndefined();
  expect(await storage.calibrations.find(actor, 'x')).toBeUndefined();
  expect(await storage.latencyTables.find(actor, 'x')).toBeUndefined();
  expect(await storage.measuringTasks.find(actor, 'x')).toBeUndefined();
});

test('refuses a cursor that it did not make', async () => {
  const list = kept.storage.jobs.list(kept.actor, { limit: 5, cursor: 'page-2' });
  await expect(list).rejects.toMatchObject({
    code: 'invalid_request',
    fields: [{ field: 'cursor', value: 'page-2', expected: 'the nextCursor of the page before' }],
  });
});

test('pages neither repeat nor skip rows of the same instant', async () => {
  const { actor, storage } = kept;
  const createdAt = '2030-01-01T00:00:00.000Z';
  for (let i = 0; i < 5; i++) await storage.devices.create(aDevice(actor, { createdAt }));
  const seen: string[] = [];
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const page = await storage.devices.list(actor, { limit: 2, cursor });
    seen.push(...page.items.map((device) => device.id));
    cursor = page.nextCursor;
  }
  expect(new Set(seen).size).toBe(5);
  expect(seen).toEqual([...seen].sort().reverse());
});
