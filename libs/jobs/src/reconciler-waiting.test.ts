import type { Job } from '#contracts';
import { aJob, aJobWorld } from '#testkit';
import { submission } from './lifecycle/transition.js';
import { Reconciler, type ReconcilerParts } from './reconciler.js';

/** A queue that keeps its messages, but those that it loses. */
function waitingWorld(changes: Partial<ReconcilerParts> = {}) {
  const world = aJobWorld();
  const { store: jobs, service, queue, now } = world;
  const lost = new Set<string>();
  queue.keeps = ({ jobId }) => !lost.has(jobId) || queue.messages.some((message) => message.jobId === jobId);
  const asked: string[] = [];
  const missing = queue.missing.bind(queue);
  queue.missing = (messages) => {
    asked.push(...messages.map(({ jobId }) => jobId));
    return missing(messages);
  };
  const errors: [unknown, Job | undefined][] = [];
  const onError = (error: unknown, job?: Job) => errors.push([error, job]);
  const reconciler = new Reconciler({ jobs, service, queue, now, onError, ...changes });
  const stored = async (count: number, job: Partial<Job> = {}) => {
    const updatedAt = new Date(now().getTime() - 60_000).toISOString();
    const made = Array.from({ length: count }, () => aJob(world.actor, { ...job, updatedAt }));
    for (const each of made) await jobs.create(submission(each));
    return made.map(({ id }) => id).sort();
  };
  const sent = () => queue.messages.map(({ jobId }) => jobId).sort();
  return { ...world, reconciler, stored, lost, asked, sent, errors };
}

describe('the reconciler with many jobs that wait', () => {
  it('puts nothing into the queue that is there', async () => {
    const { reconciler, stored, asked, sent } = waitingWorld();
    const ids = await stored(300);
    await reconciler.reconcile();
    expect(asked.sort()).toEqual(ids);
    expect(sent()).toEqual([]);
  });

  it('puts back what the queue has lost of them, and nothing else', async () => {
    const { reconciler, stored, lost, sent } = waitingWorld();
    const ids = await stored(30);
    for (const id of [ids[3]!, ids[17]!]) lost.add(id);
    await reconciler.reconcile();
    await reconciler.reconcile();
    expect(sent()).toEqual([ids[3], ids[17]]);
  });

  it('looks at some of them in each pass, and at all of them in turn', async () => {
    const { reconciler, stored, asked } = waitingWorld({ waitingPerPass: 4 });
    const ids = await stored(10);
    await reconciler.reconcile();
    expect(asked).toEqual(ids.slice(0, 4));
    await reconciler.reconcile();
    await reconciler.reconcile();
    expect(asked).toEqual(ids);
    await reconciler.reconcile();
    expect(asked.slice(10)).toEqual(ids.slice(0, 4));
  });

  it('puts all of them back in one pass when the queue has lost everything', async () => {
    const { reconciler, stored, lost, sent } = waitingWorld({ waitingPerPass: 4 });
    const ids = await stored(30);
    for (const id of ids) lost.add(id);
    await reconciler.reconcile();
    expect(sent()).toEqual(ids);
  });

  it('gives up those that were begun too often, though their messages are there', async () => {
    const { reconciler, stored, store, sent } = waitingWorld({ maxAttempts: 5 });
    const [exhausted] = await stored(1, { attempt: 7, attemptsBefore: 2 });
    const [retried] = await stored(1, { attempt: 7, attemptsBefore: 3 });
    await reconciler.reconcile();
    expect((await store.load(exhausted!))?.state).toBe('failed');
    expect((await store.load(retried!))?.state).toBe('queued');
    expect(sent()).toEqual([]);
  });

  it('reports the job whose message the queue refuses, and goes on with the others', async () => {
    const { reconciler, stored, lost, sent, queue, errors } = waitingWorld();
    const ids = await stored(3);
    for (const id of ids) lost.add(id);
    queue.refuses = ({ jobId }) => jobId === ids[1];
    await reconciler.reconcile();
    expect(sent()).toEqual([ids[0], ids[2]]);
    expect(errors).toEqual([[expect.any(Error), expect.objectContaining({ id: ids[1] })]]);
  });
});
