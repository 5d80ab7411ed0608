import { randomUUID } from 'node:crypto';
import type { Job } from '#contracts';
import { aCandidate, aJob, aJobWorld, waitUntil } from '#testkit';
import { submission } from './lifecycle/transition.js';

/** A job that its device is to verify, and two workers that got its message: one has noted its task, the other is still asleep. */
async function sleepingWorker() {
  const world = aJobWorld();
  const { store, service, actor, devices } = world;
  const verified = {
    state: 'running',
    stage: 'verify',
    attempt: 1,
    deviceId: randomUUID(),
  } satisfies Partial<Job>;
  const { id, ...job } = aJob(actor, { ...verified, candidate: aCandidate() });
  await store.create(submission({ id, ...job }));
  const request = devices.request.bind(devices);
  let wake: () => void = () => {};
  const woken = new Promise<void>((resolve) => (wake = resolve));
  devices.request = async (job) => {
    const taskId = await request(job);
    await woken;
    return taskId;
  };
  const late = service.requestMeasuring(id);
  await waitUntil('the task of the one that sleeps', () => devices.tasks.has(id));
  devices.request = request;
  await service.requestMeasuring(id);
  const current = () => service.get(actor, id);
  const wakes = async () => {
    wake();
    await late;
    return current();
  };
  return { ...world, id, current, wakes };
}

describe('a worker that wakes up late', () => {
  it('notes no task of a round that is over', async () => {
    const { service, current, id, devices, wakes } = await sleepingWorker();
    const points = [{ operatingPoint: 'fast', held: false, nextRatio: 0.5 }];
    devices.result = { state: 'verified', points };
    await service.applyOutcome(await current(), devices.tasks.get(id)!);
    const secondRound = await current();
    expect(secondRound).toMatchObject({ state: 'running', stage: 'verify', verification: { rounds: 1 } });
    expect(await wakes()).toEqual(secondRound);
    devices.tasks.delete(id);
    devices.result = { state: 'pending' };
    await service.requestMeasuring(id);
    expect((await current()).measuringTaskId).toBe(devices.tasks.get(id));
  });

  it('notes no task of before a retry, whose end would fail the job', async () => {
    const { service, actor, id, devices, wakes } = await sleepingWorker();
    await service.cancel(actor, id);
    const retried = await service.retry(actor, id);
    expect(retried).toMatchObject({ state: 'running', stage: 'verify', generation: 1 });
    const error = { code: 'measuring_failed', fault: 'user' as const, message: 'it was cancelled' };
    devices.result = { state: 'failed', error };
    expect(await wakes()).toEqual(retried);
  });
});
