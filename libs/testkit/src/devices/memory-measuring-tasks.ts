import {
  AppError,
  notFound,
  type Actor,
  type LeasedTask,
  type MeasuringTask,
  type Page,
  type ListMeasuringTasks,
} from '#contracts';
import type {
  ExtendedLease,
  LeaseHold,
  LeaseTerm,
  MeasuredCell,
  MeasuringTaskRepository,
  MeasuringWakeups,
  NewLatencyTable,
  NewLease,
  OpenOfJobs,
  TaskError,
} from '#devices';
import { Listeners } from '../jobs/listeners.js';
import { MemoryRows } from '../jobs/memory-rows.js';
import { MemoryLatencyTables } from './memory-latency-tables.js';

/** Measuring tasks with their cells, and the latency tables that they end in. */
export class MemoryMeasuringTasks implements MeasuringTaskRepository, MeasuringWakeups {
  readonly tables = new MemoryLatencyTables();
  private readonly tasks = new MemoryRows<MeasuringTask>();
  private readonly cells = new Map<string, Map<number, MeasuredCell>>();
  private readonly tokens = new Map<string, string>();
  private readonly keys = new Map<string, string>();
  private readonly listeners = new Listeners();

  create(task: MeasuringTask, key?: string): Promise<MeasuringTask> {
    const known = key === undefined ? undefined : this.keys.get(key);
    if (known !== undefined) return Promise.resolve(this.tasks.get(known)!);
    if (key !== undefined) this.keys.set(key, task.id);
    this.tasks.put(task);
    this.listeners.tell(task.deviceId);
    return Promise.resolve(task);
  }

  find(actor: Actor, taskId: string): Promise<MeasuringTask | undefined> {
    return Promise.resolve(this.tasks.find(actor, taskId));
  }

  list(actor: Actor, query: ListMeasuringTasks): Promise<Page<MeasuringTask>> {
    const { deviceId, state, jobId } = query;
    const matches = (task: MeasuringTask) =>
      (deviceId === undefined || task.deviceId === deviceId) &&
      (state === undefined || task.state === state) &&
      (jobId === undefined || task.jobId === jobId);
    return Promise.resolve(this.tasks.page(actor, query, matches));
  }

  openOfJobs({ createdBefore, limit, afterId = '' }: OpenOfJobs): Promise<{ id: string; jobId: string }[]> {
    const isOld = ({ createdAt }: MeasuringTask) => new Date(createdAt) < createdBefore;
    const open = this.tasks
      .all()
      .filter((task) => isOpen(task) && isOld(task) && task.id > afterId)
      .flatMap(({ id, jobId }) => (jobId === undefined ? [] : [{ id, jobId }]))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    return Promise.resolve(open.slice(0, limit));
  }

  leaseNext(actor: Actor, { deviceId, token, now, expiresAt }: NewLease): Promise<LeasedTask | undefined> {
    const ofDevice = this.tasks
      .all()
      .filter((task) => task.deviceId === deviceId && task.teamId === actor.teamId)
      .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
    const held = (task: MeasuringTask) => task.state === 'leased' && new Date(task.leaseExpiresAt!) > now;
    const free = ofDevice.find(isOpen);
    if (free === undefined || ofDevice.some(held)) return Promise.resolve(undefined);
    const leased = { ...free, state: 'leased' as const, leaseExpiresAt: expiresAt.toISOString() };
    this.tasks.put({ ...leased, updatedAt: now.toISOString() });
    this.tokens.set(free.id, token);
    const done = this.cellsOf(free.id);
    const doneMedians = done.map(({ index, summary: { p50Ms, p50LowMs, p50HighMs, n } }) => {
      return { index, p50Ms, p50LowMs, p50HighMs, n };
    });
    const doneCells = done.map(({ index }) => index);
    return Promise.resolve({ ...this.tasks.get(free.id)!, leaseToken: token, doneCells, doneMedians });
  }

  async extend(
    actor: Actor,
    hold: LeaseHold,
    { expiresAt, waiting: reason }: LeaseTerm,
  ): Promise<ExtendedLease> {
    const held = await this.held(actor, hold);
    const before = held.waiting?.reason;
    const begun = reason === undefined ? undefined : { reason, since: hold.now.toISOString() };
    const waiting = before === reason ? held.waiting : begun;
    this.tasks.put({ ...held, waiting, leaseExpiresAt: expiresAt.toISOString() });
    return { task: this.tasks.get(held.id)!, before };
  }

  saveCell(actor: Actor, hold: LeaseHold, cell: MeasuredCell): Promise<void> {
    return this.held(actor, hold).then((task) => {
      const cells = this.cells.get(task.id) ?? new Map<number, MeasuredCell>();
      this.cells.set(task.id, cells.set(cell.index, structuredClone(cell)));
      this.tasks.put({ ...task, cellsDone: cells.size });
    });
  }

  complete(
    actor: Actor,
    hold: LeaseHold,
    build: (task: MeasuringTask, cells: readonly MeasuredCell[]) => NewLatencyTable,
  ): Promise<MeasuringTask> {
    return this.end(actor, hold, 'completed', (task) => {
      const table = build(task, this.cellsOf(task.id));
      this.tables.put(table);
      return { latencyTableId: table.id };
    });
  }

  fail(actor: Actor, hold: LeaseHold, error: TaskError): Promise<MeasuringTask> {
    return this.end(actor, hold, 'failed', () => ({ error }));
  }

  cancel(actor: Actor, taskId: string, now: Date): Promise<MeasuringTask> {
    const task = this.tasks.find(actor, taskId);
    if (task === undefined) return Promise.reject(notFound('measuring task', taskId));
    if (!isOpen(task)) return Promise.resolve(task);
    this.cells.delete(taskId);
    const updatedAt = now.toISOString();
    this.tasks.put({ ...task, state: 'cancelled', leaseExpiresAt: undefined, waiting: undefined, updatedAt });
    return Promise.resolve(this.tasks.get(taskId)!);
  }

  onMeasuringTask(deviceId: string, listener: () => void): () => void {
    return this.listeners.add(deviceId, listener);
  }

  private async end(
    actor: Actor,
    hold: LeaseHold,
    state: 'completed' | 'failed',
    result: (task: MeasuringTask) => Partial<MeasuringTask>,
  ): Promise<MeasuringTask> {
    const before = this.tasks.find(actor, hold.taskId);
    if (before?.state === state && this.tokens.get(before.id) === hold.token) return before;
    const task = await this.held(actor, hold);
    const ended = { ...task, ...result(task), state, leaseExpiresAt: undefined, waiting: undefined };
    this.tasks.put({ ...ended, updatedAt: hold.now.toISOString() });
    return this.tasks.get(task.id)!;
  }

  private held(actor: Actor, { taskId, token }: LeaseHold): Promise<MeasuringTask> {
    const task = this.tasks.find(actor, taskId);
    if (task === undefined) return Promise.reject(notFound('measuring task', taskId));
    if (task.state === 'leased' && this.tokens.get(taskId) === token) return Promise.resolve(task);
    return Promise.reject(new AppError('lease_lost', `measuring task "${taskId}" is not held by this lease`));
  }

  private cellsOf(taskId: string): MeasuredCell[] {
    return [...(this.cells.get(taskId)?.values() ?? [])].sort((a, b) => a.index - b.index);
  }
}

const isOpen = ({ state }: MeasuringTask): boolean => state === 'queued' || state === 'leased';
