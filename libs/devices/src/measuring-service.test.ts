import { randomUUID } from 'node:crypto';
import type { MeasuringTask } from '#contracts';
import { aMeasuringTask, aMeasuringWorld, anActor, aProvenance } from '#testkit';

const agent = { name: 'agent', version: '1' };
const never = new AbortController().signal;
const upload = (leaseToken: string, p50Ms = 10) => {
  return { leaseToken, samplesMs: [p50Ms, p50Ms + 1], provenance: aProvenance() };
};

/** A world with a task that an agent holds. */
async function leasedWorld(changes: Partial<MeasuringTask> = {}) {
  const world = await aMeasuringWorld();
  const task = await world.tasks.create(aMeasuringTask(world.device, changes));
  const request = { deviceId: world.device.id, agent, waitMs: 0, signal: never };
  const { leaseToken } = (await world.service.lease(world.actor, request))!;
  const uploadAll = async () => {
    for (const { index } of task.cells)
      await world.service.uploadCell(world.actor, task.id, index, upload(leaseToken, 10 + index));
  };
  return { ...world, task, request, leaseToken, uploadAll };
}

describe('leasing a task', () => {
  it('gives a task that waits at once, with a lease that ends', async () => {
    const { service, tasks, actor, device, clock } = await aMeasuringWorld();
    const task = await tasks.create(aMeasuringTask(device));
    const request = { deviceId: device.id, agent, waitMs: 60_000, signal: never };
    const leased = await service.lease(actor, request);
    expect(leased).toMatchObject({ id: task.id, state: 'leased', doneCells: [] });
    expect(new Date(leased!.leaseExpiresAt!).getTime()).toBe(clock.now.getTime() + 60_000);
  });

  it('waits for a task and gives it as soon as it is created', async () => {
    const { service, tasks, actor, device } = await aMeasuringWorld();
    const request = { deviceId: device.id, agent, waitMs: 60_000, signal: never };
    const leasing = service.lease(actor, request);
    const task = await tasks.create(aMeasuringTask(device));
    expect(await leasing).toMatchObject({ id: task.id });
  });

  it('gives nothing when none came in time', async () => {
    const { service, actor, device } = await aMeasuringWorld();
    const request = { deviceId: device.id, agent, waitMs: 20, signal: never };
    expect(await service.lease(actor, request)).toBeUndefined();
  });

  it('stops waiting when the agent leaves, and leases nothing for it', async () => {
    const { service, actor, device, tasks } = await aMeasuringWorld();
    const client = new AbortController();
    const request = { deviceId: device.id, agent, waitMs: 60_000, signal: client.signal };
    const leasing = service.lease(actor, request);
    client.abort();
    expect(await leasing).toBeUndefined();
    const task = await tasks.create(aMeasuringTask(device));
    expect(await tasks.find(actor, task.id)).toMatchObject({ state: 'queued' });
  });

  it('finds a task whose lease runs out while it waits', async () => {
    const { service, tasks, actor, device, clock } = await aMeasuringWorld({ pollMs: 5 });
    const task = await tasks.create(aMeasuringTask(device));
    const request = { deviceId: device.id, agent, waitMs: 60_000, signal: never };
    const first = await service.lease(actor, request);
    const leasing = service.lease(actor, request);
    clock.now = new Date(clock.now.getTime() + 60_000);
    const second = await leasing;
    expect(second).toMatchObject({ id: task.id });
    expect(second!.leaseToken).not.toBe(first!.leaseToken);
  });

  it('names a device that is not there, or that another team has', async () => {
    const { service, actor, device } = await aMeasuringWorld();
    const refused = { code: 'invalid_request', fields: [{ field: 'deviceId' }] };
    const lease = (who: typeof actor, deviceId: string) =>
      service.lease(who, { deviceId, agent, waitMs: 0, signal: never });
    await expect(lease(actor, randomUUID())).rejects.toMatchObject(refused);
    await expect(lease(anActor(), device.id)).rejects.toMatchObject(refused);
  });
});

describe('the work on a leased task', () => {
  it('extends the lease from now on', async () => {
    const { service, actor, task, leaseToken, clock } = await leasedWorld();
    clock.now = new Date(clock.now.getTime() + 50_000);
    const { leaseExpiresAt } = await service.extend(actor, task.id, { leaseToken });
    expect(new Date(leaseExpiresAt).getTime()).toBe(clock.now.getTime() + 60_000);
  });

  it('tells whoever waits for the task once when the agent begins and ceases to leave the device alone', async () => {
    const { service, actor, task, leaseToken, waits } = await leasedWorld();
    for (const waiting of [undefined, 'hot', 'hot', undefined, undefined]) {
      await service.extend(actor, task.id, { leaseToken, waiting });
    }
    expect(waits.map(({ id, waiting }) => [id, waiting?.reason])).toEqual([
      [task.id, 'hot'],
      [task.id, undefined],
    ]);
  });

  it('turns the uploaded cells into a latency table and tells the job', async () => {
    const { service, actor, task, leaseToken, uploadAll, tables, ended } = await leasedWorld();
    await uploadAll();
    const completed = await service.complete(actor, task.id, leaseToken);
    const table = await tables.find(actor, completed.latencyTableId!);
    expect(table).toMatchObject({ deviceId: task.deviceId, measuringTaskId: task.id, emulated: true });
    expect(table!.cells.map((cell) => cell.summary.p50Ms)).toEqual([10, 11, 12, 13]);
    expect(table!.cells[3]).toMatchObject({
      operatingPoint: 'slow',
      ratio: 0.5,
      widths: { stem: 2 },
      macs: 500,
    });
    expect(ended).toEqual([completed]);
  });

  it('makes a table of the cells that an adaptive selection measured, if every point has one', async () => {
    const target = { kind: 'fastest-at-ratio', ratio: 0 } as const;
    const selection = { kind: 'adaptive', target, tolerance: 0.05, mode: 'stable' } as const;
    const { service, actor, task, leaseToken, tables } = await leasedWorld({ selection });
    await service.uploadCell(actor, task.id, 0, upload(leaseToken, 10));
    await expect(service.complete(actor, task.id, leaseToken)).rejects.toMatchObject({
      fields: [{ value: 'missing: 2, 3', expected: expect.stringContaining('every operating point') }],
    });
    await service.uploadCell(actor, task.id, 3, upload(leaseToken, 13));
    const { latencyTableId } = await service.complete(actor, task.id, leaseToken);
    const table = await tables.find(actor, latencyTableId!);
    expect(table!.cells.map(({ index, operatingPoint, ratio }) => [index, operatingPoint, ratio])).toEqual([
      [0, 'fast', 0],
      [1, 'slow', 0.5],
    ]);
    expect(table!.marks.map(({ kind }) => kind)).toContain('missing-cells');
  });

  it('says which cells are missing and goes on', async () => {
    const { service, actor, task, leaseToken, ended, uploadAll } = await leasedWorld();
    await service.uploadCell(actor, task.id, 1, upload(leaseToken));
    await expect(service.complete(actor, task.id, leaseToken)).rejects.toMatchObject({
      code: 'invalid_request',
      fields: [{ field: 'cells', value: 'missing: 0, 2, 3' }],
    });
    expect(ended).toEqual([]);
    await uploadAll();
    await service.complete(actor, task.id, leaseToken);
  });

  it('cancels a task under the hands of its agent and tells the job; one that has ended stays', async () => {
    const { service, actor, task, leaseToken, ended, uploadAll } = await leasedWorld();
    const cancelled = await service.cancel(actor, task.id);
    expect(cancelled).toMatchObject({ id: task.id, state: 'cancelled' });
    expect(ended).toEqual([cancelled]);
    await expect(service.extend(actor, task.id, { leaseToken })).rejects.toMatchObject({
      code: 'lease_lost',
    });
    await expect(uploadAll()).rejects.toMatchObject({ code: 'lease_lost' });
    await expect(service.complete(actor, task.id, leaseToken)).rejects.toMatchObject({ code: 'lease_lost' });

    const other = await leasedWorld();
    await other.uploadAll();
    const completed = await other.service.complete(other.actor, other.task.id, other.leaseToken);
    expect(await other.service.cancel(other.actor, other.task.id)).toEqual(completed);
    expect(other.ended).toEqual([completed]);
    await expect(other.service.cancel(anActor(), other.task.id)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('refuses a cell that the task does not have', async () => {
    const { service, actor, task, leaseToken } = await leasedWorld();
    const uploading = service.uploadCell(actor, task.id, 4, upload(leaseToken));
    await expect(uploading).rejects.toMatchObject({
      fields: [{ field: 'index', value: 4, expected: 'a cell index from 0 to 3' }],
    });
  });

  it('fences off an agent whose lease another one took', async () => {
    const { service, actor, task, leaseToken, request, clock, ended } = await leasedWorld();
    clock.now = new Date(clock.now.getTime() + 60_000);
    await service.lease(actor, request);
    const lost = { code: 'lease_lost' };
    await expect(service.extend(actor, task.id, { leaseToken })).rejects.toMatchObject(lost);
    await expect(service.uploadCell(actor, task.id, 0, upload(leaseToken))).rejects.toMatchObject(lost);
    await expect(service.complete(actor, task.id, leaseToken)).rejects.toMatchObject(lost);
    const error = { code: 'clock_refused', message: 'no permission' };
    await expect(service.fail(actor, task.id, leaseToken, error)).rejects.toMatchObject(lost);
    expect(ended).toEqual([]);
  });

  it('ends with the error of the agent and tells the job, again when the agent repeats itself', async () => {
    const { service, actor, task, leaseToken, ended } = await leasedWorld();
    const error = { code: 'clock_refused', message: 'no permission' };
    await service.fail(actor, task.id, leaseToken, error);
    const failed = await service.fail(actor, task.id, leaseToken, error);
    expect(failed).toMatchObject({ state: 'failed', error });
    expect(ended).toEqual([failed, failed]);
  });

  it('says that a task is unknown, also to another team', async () => {
    const { service, actor, task, leaseToken } = await leasedWorld();
    const unknown = { code: 'not_found' };
    await expect(service.get(actor, randomUUID())).rejects.toMatchObject(unknown);
    await expect(service.get(anActor(), task.id)).rejects.toMatchObject(unknown);
    await expect(service.complete(anActor(), task.id, leaseToken)).rejects.toMatchObject(unknown);
    const ids = (page: { items: MeasuringTask[] }) => page.items.map((item) => item.id);
    expect(ids(await service.list(actor, { limit: 5, state: 'leased' }))).toEqual([task.id]);
  });
});
