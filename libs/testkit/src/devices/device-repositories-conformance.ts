import { randomUUID } from 'node:crypto';
import type { Actor, Device, ListDevices, MeasuringTask } from '#contracts';
import type {
  CalibrationRepository,
  DeviceRepository,
  LatencyTableRepository,
  MeasuringTaskRepository,
  MeasuringWakeups,
} from '#devices';
import { waitUntil } from '../wait-until.js';
import {
  aCalibration,
  aDevice,
  aFullCalibration,
  aLatencyTable,
  aMeasuredCell,
  aMeasuringTask,
  anImportedTable,
  withoutSamples,
} from './device-fixtures.js';
import { latencyTablesConformance } from './latency-tables-conformance.js';

export interface DeviceRepositoriesHarness {
  readonly devices: DeviceRepository;
  readonly tasks: MeasuringTaskRepository;
  readonly tables: LatencyTableRepository;
  readonly calibrations: CalibrationRepository;
  readonly wakeups: MeasuringWakeups;
  readonly actor: Actor;
  /** Of another team. */
  readonly stranger: Actor;
  /** A job of the actor. */
  readonly jobId: string;
  close(): Promise<void>;
}

const START = Date.UTC(2030, 0, 1);
const at = (second: number): Date => new Date(START + second * 1000);

/** What every repository of devices and measurements promises. `open` gives empty ones. */
export function deviceRepositoriesConformance(
  name: string,
  open: () => Promise<DeviceRepositoriesHarness>,
): void {
  latencyTablesConformance(name, open);

  describe(`${name} as repositories of devices and measurements`, () => {
    let harness: DeviceRepositoriesHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    const newDevice = async () => {
      const device = aDevice(harness.actor);
      await harness.devices.create(device);
      return device;
    };
    const newTask = async (changes: Partial<MeasuringTask> = {}, key?: string) =>
      harness.tasks.create(aMeasuringTask(await newDevice(), changes), key);
    const lease = (deviceId: string, token: string, second = 0, actor = harness.actor) =>
      harness.tasks.leaseNext(actor, {
        deviceId,
        token,
        agent: { name: 'agent', version: '1' },
        now: at(second),
        expiresAt: at(second + 60),
      });
    const hold = (task: MeasuringTask, token: string, second = 1) => {
      return { taskId: task.id, token, now: at(second) };
    };
    const completed = async () => {
      const task = await newTask();
      await lease(task.deviceId, 'token');
      for (const { index } of task.cells)
        await harness.tasks.saveCell(harness.actor, hold(task, 'token'), aMeasuredCell(index));
      const table = aLatencyTable(task);
      await harness.tasks.complete(harness.actor, hold(task, 'token'), () => table);
      return { task, table };
    };

    describe('devices', () => {
      it('stores a device and shows it to its team alone', async () => {
        const device = await newDevice();
        expect(await harness.devices.find(harness.actor, device.id)).toEqual(device);
        expect(await harness.devices.find(harness.stranger, device.id)).toBeUndefined();
        expect((await harness.devices.list(harness.stranger, { limit: 5 })).items).toEqual([]);
      });

      it('refuses a second device of the same name in a team, not in another', async () => {
        const device = await newDevice();
        const again = harness.devices.create(aDevice(harness.actor, { name: device.name }));
        await expect(again).rejects.toMatchObject({ code: 'already_exists' });
        await harness.devices.create(aDevice(harness.stranger, { name: device.name }));
      });

      it('lists newest first, page by page', async () => {
        const ids: string[] = [];
        for (let i = 0; i < 3; i++) {
          const device = aDevice(harness.actor, { createdAt: at(i).toISOString() });
          await harness.devices.create(device);
          ids.unshift(device.id);
        }
        const first = await harness.devices.list(harness.actor, { limit: 2 });
        const second = await harness.devices.list(harness.actor, { limit: 2, cursor: first.nextCursor });
        expect([...first.items, ...second.items].map((device) => device.id)).toEqual(ids);
        expect(second.nextCursor).toBeUndefined();
      });

      it('lists devices by owner, part of the name and labels, all of which must hold', async () => {
        const named = async (name: string, changes: Partial<Device> = {}) =>
          harness.devices.create(aDevice(harness.actor, { name, labels: {}, ...changes }));
        await named('board_1', { labels: { lab: 'north', 'chip.rev': 'b' } });
        await named('board-2', { labels: { lab: 'north' } });
        await named('phone_1', { labels: { lab: 'south', note: '' }, owner: 'another' });
        const names = async (query: Partial<ListDevices>) =>
          (await harness.devices.list(harness.actor, { limit: 5, ...query })).items
            .map(({ name }) => name)
            .sort();
        const label = (key: string, value: string) => ({ key, value });
        expect(await names({ owner: 'another' })).toEqual(['phone_1']);
        expect(await names({ name: 'board' })).toEqual(['board-2', 'board_1']);
        expect(await names({ name: 'd_' })).toEqual(['board_1']);
        expect(await names({ label: [label('lab', 'north')] })).toEqual(['board-2', 'board_1']);
        expect(await names({ label: [label('lab', 'north'), label('chip.rev', 'b')] })).toEqual(['board_1']);
        expect(await names({ label: [label('lab', 'north'), label('lab', 'south')] })).toEqual([]);
        expect(await names({ label: [label('note', '')] })).toEqual(['phone_1']);
        expect(await names({ label: [label('north', 'lab')] })).toEqual([]);
        expect(await names({ name: 'board', owner: 'another' })).toEqual([]);
      });

      it('pages through what a filter leaves', async () => {
        for (const [second, lab] of ['a', 'b', 'a', 'a'].entries()) {
          const createdAt = at(second).toISOString();
          await harness.devices.create(aDevice(harness.actor, { labels: { lab }, createdAt }));
        }
        const query = { limit: 2, label: [{ key: 'lab', value: 'a' }] };
        const first = await harness.devices.list(harness.actor, query);
        const second = await harness.devices.list(harness.actor, { ...query, cursor: first.nextCursor });
        expect([first, second].map(({ items }) => items.map(({ createdAt }) => createdAt))).toEqual([
          [at(3), at(2)].map((time) => time.toISOString()),
          [at(0).toISOString()],
        ]);
        expect(second.nextCursor).toBeUndefined();
      });
    });

    describe('measuring tasks', () => {
      it('stores a task and shows it to its team alone', async () => {
        const task = await newTask({ purpose: 'verify', jobId: harness.jobId });
        expect(await harness.tasks.find(harness.actor, task.id)).toEqual(task);
        expect(await harness.tasks.find(harness.stranger, task.id)).toBeUndefined();
        expect((await harness.tasks.list(harness.stranger, { limit: 5 })).items).toEqual([]);
      });

      it('creates one task per key, also when asked at the same time', async () => {
        const device = await newDevice();
        const created = await Promise.all(
          [1, 2, 3].map(() => harness.tasks.create(aMeasuringTask(device), 'verify.job')),
        );
        expect(new Set(created.map((task) => task.id)).size).toBe(1);
        expect((await harness.tasks.list(harness.actor, { limit: 5 })).items).toHaveLength(1);
      });

      it('lists by device, state and job', async () => {
        const a = await newTask();
        const b = await newTask({ purpose: 'verify', jobId: harness.jobId });
        await lease(a.deviceId, 'token');
        const ids = async (query: object) =>
          (await harness.tasks.list(harness.actor, { limit: 5, ...query })).items.map((task) => task.id);
        expect(await ids({ deviceId: a.deviceId })).toEqual([a.id]);
        expect(await ids({ state: 'queued' })).toEqual([b.id]);
        expect(await ids({ jobId: harness.jobId })).toEqual([b.id]);
      });

      it('finds tasks of jobs that have not ended, by age, id and page', async () => {
        const { tasks, actor, jobId } = harness;
        const ofJob = { jobId, createdAt: at(0).toISOString() };
        const queued = await newTask(ofJob);
        const leased = await newTask(ofJob);
        await lease(leased.deviceId, 'token');
        await tasks.cancel(actor, (await newTask(ofJob)).id, at(1));
        await newTask({ createdAt: at(0).toISOString() });
        await newTask({ jobId, createdAt: at(5).toISOString() });
        const open = (limit: number, afterId?: string) =>
          tasks.openOfJobs({ createdBefore: at(5), limit, afterId });
        const expected = [queued, leased]
          .map(({ id }) => ({ id, jobId }))
          .sort((a, b) => (a.id < b.id ? -1 : 1));
        const first = await open(1);
        expect([...first, ...(await open(9, first[0]!.id))]).toEqual(expected);
      });

      it('wakes the listeners of the device', async () => {
        const device = await newDevice();
        const woken = { device: 0, other: 0 };
        harness.wakeups.onMeasuringTask(device.id, () => woken.device++);
        harness.wakeups.onMeasuringTask(randomUUID(), () => woken.other++);
        await harness.tasks.create(aMeasuringTask(device));
        await waitUntil('the listener is woken', () => woken.device > 0);
        expect(woken.other).toBe(0);
      });
    });

    describe('leases', () => {
      it('gives the oldest task of the device', async () => {
        const device = await newDevice();
        const [old, young] = [0, 1].map((i) => aMeasuringTask(device, { createdAt: at(i).toISOString() }));
        await harness.tasks.create(young!);
        await harness.tasks.create(old!);
        const leased = await lease(device.id, 'token');
        expect(leased).toMatchObject({ id: old!.id, state: 'leased', leaseToken: 'token', doneCells: [] });
        expect(leased!.leaseExpiresAt).toBe(at(60).toISOString());
      });

      it('lets one of several concurrent agents have a task, and one agent a device', async () => {
        const device = await newDevice();
        for (let i = 0; i < 3; i++) await harness.tasks.create(aMeasuringTask(device));
        const leases = await Promise.all(['a', 'b', 'c', 'd'].map((token) => lease(device.id, token)));
        expect(leases.filter((task) => task !== undefined)).toHaveLength(1);
        expect(await lease(device.id, 'e', 59)).toBeUndefined();
      });

      it('gives nothing to another team or for another device', async () => {
        const task = await newTask();
        const other = await newDevice();
        expect(await lease(task.deviceId, 'token', 0, harness.stranger)).toBeUndefined();
        expect(await lease(other.id, 'token')).toBeUndefined();
      });

      it('gives a task whose lease ran out to the next agent, with the cells that are done', async () => {
        const task = await newTask();
        await lease(task.deviceId, 'first');
        await harness.tasks.saveCell(harness.actor, hold(task, 'first'), aMeasuredCell(2));
        const again = await lease(task.deviceId, 'second', 60);
        expect(again).toMatchObject({ id: task.id, leaseToken: 'second', doneCells: [2], cellsDone: 1 });
      });

      it('fences off the agent that lost its lease', async () => {
        const task = await newTask();
        await lease(task.deviceId, 'first');
        await lease(task.deviceId, 'second', 61);
        const late = hold(task, 'first', 62);
        const { tasks, actor } = harness;
        const lost = { code: 'lease_lost' };
        await expect(tasks.extend(actor, late, { expiresAt: at(99) })).rejects.toMatchObject(lost);
        await expect(tasks.saveCell(actor, late, aMeasuredCell(0))).rejects.toMatchObject(lost);
        await expect(tasks.complete(actor, late, (t) => aLatencyTable(t))).rejects.toMatchObject(lost);
        await expect(tasks.fail(actor, late, { code: 'x', message: 'y' })).rejects.toMatchObject(lost);
        await tasks.saveCell(actor, hold(task, 'second', 63), aMeasuredCell(0));
      });

      it('keeps a lease that ran out until another agent takes the task', async () => {
        const task = await newTask();
        await lease(task.deviceId, 'token');
        await harness.tasks.saveCell(harness.actor, hold(task, 'token', 100), aMeasuredCell(0));
        await harness.tasks.extend(harness.actor, hold(task, 'token', 100), { expiresAt: at(160) });
        expect(await lease(task.deviceId, 'other', 159)).toBeUndefined();
      });

      it('tells why nothing is measured for as long as the lease is extended with a reason, and not behind the end', async () => {
        const task = await newTask();
        await lease(task.deviceId, 'token');
        const extend = async (second: number, waiting?: string) => {
          const term = { expiresAt: at(second + 60), waiting };
          const { before } = await harness.tasks.extend(harness.actor, hold(task, 'token', second), term);
          return [before, (await harness.tasks.find(harness.actor, task.id))!.waiting];
        };
        const hot = (second: number) => ({ reason: 'hot', since: at(second).toISOString() });
        expect(await extend(10)).toEqual([undefined, undefined]);
        expect(await extend(20, 'hot')).toEqual([undefined, hot(20)]);
        expect(await extend(30, 'hot')).toEqual(['hot', hot(20)]);
        expect(await extend(40)).toEqual(['hot', undefined]);
        expect(await extend(50, 'hot')).toEqual([undefined, hot(50)]);
        const error = { code: 'x', message: 'y' };
        const failed = await harness.tasks.fail(harness.actor, hold(task, 'token', 55), error);
        expect(failed.waiting).toBeUndefined();
      });

      it('knows no task of another team', async () => {
        const task = await newTask();
        await lease(task.deviceId, 'token');
        const extend = harness.tasks.extend(harness.stranger, hold(task, 'token'), { expiresAt: at(99) });
        await expect(extend).rejects.toMatchObject({ code: 'not_found' });
      });
    });

    describe('results', () => {
      it('replaces a cell that is uploaded again', async () => {
        const task = await newTask();
        await lease(task.deviceId, 'token');
        const { tasks, actor } = harness;
        await tasks.saveCell(actor, hold(task, 'token'), aMeasuredCell(1, 10));
        await tasks.saveCell(actor, hold(task, 'token'), aMeasuredCell(1, 20));
        await tasks.saveCell(actor, hold(task, 'token'), aMeasuredCell(0));
        expect(await tasks.find(actor, task.id)).toMatchObject({ cellsDone: 2 });
        const seen: unknown[] = [];
        await tasks.complete(actor, hold(task, 'token'), (held, cells) => {
          seen.push(...cells);
          return aLatencyTable(held);
        });
        expect(seen).toEqual([aMeasuredCell(0), aMeasuredCell(1, 20)]);
      });

      it('stores the table with the completion, once, and lets the agent repeat itself', async () => {
        const { task, table } = await completed();
        const stored = await harness.tasks.find(harness.actor, task.id);
        expect(stored).toMatchObject({ state: 'completed', latencyTableId: table.id });
        expect(stored!.leaseExpiresAt).toBeUndefined();
        const again = await harness.tasks.complete(harness.actor, hold(task, 'token'), () => {
          throw new Error('built twice');
        });
        expect(again).toEqual(stored);
        expect(await harness.tables.find(harness.actor, table.id)).toEqual(withoutSamples(table));
      });

      it('counts the table of a task as the next version of the device', async () => {
        const task = await newTask();
        await harness.tables.create(anImportedTable({ ...aDevice(harness.actor), id: task.deviceId }));
        await lease(task.deviceId, 'token');
        const table = aLatencyTable(task);
        await harness.tasks.complete(harness.actor, hold(task, 'token'), () => table);
        expect(await harness.tables.find(harness.actor, table.id)).toMatchObject({ version: 2 });
      });

      it('cancels what waits or is measured: its agent is fenced off, and the device free for the next task', async () => {
        const { tasks, actor, stranger } = harness;
        const device = await newDevice();
        const [first, second, third] = [0, 1, 2].map((i) =>
          aMeasuringTask(device, { createdAt: at(i).toISOString() }),
        );
        for (const task of [first!, second!, third!]) await tasks.create(task);
        await lease(device.id, 'token');
        await tasks.saveCell(actor, hold(first!, 'token'), aMeasuredCell(0));
        await expect(tasks.cancel(stranger, first!.id, at(5))).rejects.toMatchObject({ code: 'not_found' });
        const cancelled = await tasks.cancel(actor, first!.id, at(5));
        expect(cancelled).toMatchObject({ state: 'cancelled', updatedAt: at(5).toISOString() });
        expect(cancelled.leaseExpiresAt).toBeUndefined();
        expect(await tasks.find(actor, first!.id)).toEqual(cancelled);
        const late = hold(first!, 'token', 6);
        const lost = { code: 'lease_lost' };
        await expect(tasks.extend(actor, late, { expiresAt: at(99) })).rejects.toMatchObject(lost);
        await expect(tasks.saveCell(actor, late, aMeasuredCell(1))).rejects.toMatchObject(lost);
        await expect(tasks.complete(actor, late, (t) => aLatencyTable(t))).rejects.toMatchObject(lost);
        expect(await tasks.cancel(actor, second!.id, at(7))).toMatchObject({ state: 'cancelled' });
        expect(await lease(device.id, 'next', 8)).toMatchObject({ id: third!.id, doneCells: [] });
      });

      it('leaves a task that has ended, or was cancelled, as it is', async () => {
        const { task } = await completed();
        const stored = await harness.tasks.find(harness.actor, task.id);
        expect(await harness.tasks.cancel(harness.actor, task.id, at(9))).toEqual(stored);
        const other = await newTask();
        const cancelled = await harness.tasks.cancel(harness.actor, other.id, at(3));
        expect(await harness.tasks.cancel(harness.actor, other.id, at(9))).toEqual(cancelled);
        const unknown = harness.tasks.cancel(harness.actor, randomUUID(), at(9));
        await expect(unknown).rejects.toMatchObject({ code: 'not_found' });
      });

      it('stays leased when the table cannot be built', async () => {
        const task = await newTask();
        await lease(task.deviceId, 'token');
        const complete = harness.tasks.complete(harness.actor, hold(task, 'token'), () => {
          throw new Error('a cell is missing');
        });
        await expect(complete).rejects.toThrow('a cell is missing');
        expect(await harness.tasks.find(harness.actor, task.id)).toMatchObject({ state: 'leased' });
      });

      it('stores a failure, frees the device and lets the agent repeat itself', async () => {
        const task = await newTask();
        await lease(task.deviceId, 'token');
        const error = { code: 'clock_refused', message: 'no permission' };
        const failed = await harness.tasks.fail(harness.actor, hold(task, 'token'), error);
        expect(failed).toMatchObject({ state: 'failed', error });
        expect(await harness.tasks.fail(harness.actor, hold(task, 'token'), error)).toEqual(failed);
        const device = await harness.devices.find(harness.actor, task.deviceId);
        const next = await harness.tasks.create(aMeasuringTask(device!));
        expect(await lease(task.deviceId, 'other', 1)).toMatchObject({ id: next.id });
      });

      it('stores a calibration and shows it to its team alone', async () => {
        const calibration = aCalibration((await completed()).table);
        await harness.calibrations.create(calibration);
        expect(await harness.calibrations.find(harness.actor, calibration.id)).toEqual(calibration);
        expect(await harness.calibrations.find(harness.stranger, calibration.id)).toBeUndefined();
      });

      it('stores all that a calibration may have', async () => {
        const calibration = aFullCalibration((await completed()).table);
        await harness.calibrations.create(calibration);
        expect(await harness.calibrations.find(harness.actor, calibration.id)).toEqual(calibration);
      });
    });
  });
}
