import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { ListWorkers, WorkerDescription } from '#contracts';
import { activated, askedToDrain, drained, stateOf } from '#jobs';
import { aDataset, aJob, aWorker, testStorage, waitUntil, type TestStorage } from '#testkit';
import { transition, submission } from '#jobs';

let store: TestStorage;
beforeAll(async () => void (store = await testStorage()));
afterAll(() => store.close());

const workers = () => store.storage.workers;
const sql = async (text: string, values: unknown[] = []) => {
  const client = new pg.Client({ connectionString: store.databaseUrl });
  await client.connect();
  try {
    await client.query(text, values);
  } finally {
    await client.end();
  }
};
/** Has a worker be silent for so long. */
const silence = (id: string, interval: string) =>
  sql(`UPDATE "Worker" SET "heartbeatAt" = now() - $2::interval WHERE id = $1`, [id, interval]);
const known = async (changes: Partial<WorkerDescription> = {}, jobIds: string[] = []) => {
  const worker = aWorker(changes);
  await workers().heartbeat(worker, jobIds);
  return worker;
};
const read = async (id: string) => (await workers().find(store.actor, id))!;
const listed = async (query: Partial<ListWorkers> = {}, actor = store.actor) => {
  const { items } = await workers().list(actor, { limit: 200, ...query });
  return items.map(({ id }) => id);
};

test('a worker is known by its first heartbeat, as it says that it is', async () => {
  const worker = await known({ labels: { gpu: 'h200' }, name: 'first' });
  expect(await read(worker.id)).toMatchObject({ ...worker, phase: 'active', isAlive: true, jobIds: [] });
});

test('a heartbeat renews what the worker is and holds, and leaves what was asked of it', async () => {
  const worker = await known();
  await workers().update(worker.id, (record) => askedToDrain(record, 'finish'));
  const jobId = randomUUID();
  const answer = await workers().heartbeat({ ...worker, labels: { a: 'b' } }, [jobId]);
  expect(answer).toMatchObject({
    labels: { a: 'b' },
    jobIds: [jobId],
    phase: 'draining',
    drainMode: 'finish',
  });
});

test('a worker that is silent for 20 s reads as lost, and simply goes on with its next heartbeat', async () => {
  const worker = await known();
  await silence(worker.id, '19 seconds');
  expect(stateOf(await read(worker.id))).toBe('active');
  await silence(worker.id, '21 seconds');
  expect(stateOf(await read(worker.id))).toBe('lost');
  expect((await store.storage.cluster.alive()).map(({ id }) => id)).not.toContain(worker.id);
  expect(stateOf(await workers().heartbeat(worker, []))).toBe('active');
});

test('a worker drains, has drained, and takes jobs again', async () => {
  const { id } = await known();
  const states: string[] = [];
  const steps = [
    (record: Parameters<typeof drained>[0]) => askedToDrain(record, 'finish'),
    (record: Parameters<typeof drained>[0]) => askedToDrain(record, 'checkpoint'),
    drained,
    (record: Parameters<typeof drained>[0]) => askedToDrain(record, 'finish'),
    activated,
    drained,
  ];
  for (const step of steps) {
    const { phase, drainMode } = (await workers().update(id, step))!;
    states.push([phase, drainMode].filter(Boolean).join(' '));
  }
  expect(states).toEqual([
    ...['draining finish', 'draining checkpoint', 'drained checkpoint', 'drained checkpoint'],
    ...['active', 'active'],
  ]);
  expect(await workers().update(randomUUID(), drained)).toBeUndefined();
});

test('one that has stopped holds nothing and is not alive', async () => {
  const { id } = await known({}, [randomUUID()]);
  await workers().stop(id);
  const record = await read(id);
  expect([stateOf(record), record.jobIds, record.isAlive]).toEqual(['stopped', [], false]);
});

test('is listed by state and labels, newest first, page after page', async () => {
  const label = [{ key: 'list', value: 'yes' }];
  const labels = { list: 'yes' };
  const [active, lost, stopped, resting] = [
    await known({ labels }),
    await known({ labels }),
    await known({ labels }),
    await known({ labels }),
  ];
  await silence(lost.id, '1 minute');
  await workers().stop(stopped.id);
  await workers().update(resting.id, (record) => askedToDrain(record, 'finish'));
  expect(await listed({ label })).toEqual([resting.id, stopped.id, lost.id, active.id]);
  expect(await listed({ label, state: 'active' })).toEqual([active.id]);
  expect(await listed({ label, state: 'lost' })).toEqual([lost.id]);
  expect(await listed({ label, state: 'stopped' })).toEqual([stopped.id]);
  expect(await listed({ label, state: 'draining' })).toEqual([resting.id]);
  const { nextCursor } = await workers().list(store.actor, { label, limit: 3 });
  expect(await listed({ label, cursor: nextCursor })).toEqual([active.id]);
});

test('a worker of one team is seen by that team alone', async () => {
  const { id } = await known({ teamId: store.actor.teamId });
  expect(await listed()).toContain(id);
  expect(await listed({}, store.stranger)).not.toContain(id);
  expect(await workers().find(store.stranger, id)).toBeUndefined();
});

test('tells of the jobs that it holds to their team', async () => {
  const dataset = aDataset(store.actor);
  await store.storage.datasets.create(dataset);
  const job = aJob(store.actor);
  const spec = { ...job.spec, datasetId: dataset.id };
  await store.storage.jobs.create(submission({ ...job, spec }));
  await store.storage.jobs.update(job.id, (current) =>
    transition(current, { type: 'begun', stage: 'train', generation: 0 }, new Date()),
  );
  const held = await workers().heldJobs(store.actor, [job.id, randomUUID()]);
  expect(held).toEqual([{ id: job.id, model: job.model, state: 'running', stage: 'train' }]);
  expect(await workers().heldJobs(store.stranger, [job.id])).toEqual([]);
});

test('forgets who was silent for a day', async () => {
  const [old, young] = [await known(), await known()];
  await silence(old.id, '25 hours');
  await silence(young.id, '23 hours');
  expect(await workers().forget(24 * 3600 * 1000)).toBe(1);
  expect(await workers().find(store.actor, old.id)).toBeUndefined();
  expect(await read(young.id)).toBeDefined();
});

test('tells of workers that come, change what they hold, or are asked something; not of a heartbeat that says nothing new', async () => {
  const worker = aWorker();
  let [all, own] = [0, 0];
  const { wakeups } = store.storage;
  const ends = [wakeups.onWorkers(() => all++), wakeups.onWorker(worker.id, () => own++)];
  const expectTold = (times: number) => waitUntil(`${times} wake-ups`, () => all >= times && own >= times);
  await workers().heartbeat(worker, []);
  await expectTold(1);
  await workers().heartbeat(worker, []);
  await workers().heartbeat(worker, [randomUUID()]);
  await expectTold(2);
  await workers().update(worker.id, (record) => askedToDrain(record, 'finish'));
  await expectTold(3);
  await workers().update(worker.id, (record) => record);
  await workers().stop(worker.id);
  await expectTold(4);
  expect([all, own]).toEqual([4, 4]);
  for (const end of ends) end();
});
