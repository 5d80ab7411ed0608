import { setTimeout } from 'node:timers/promises';
import {
  AppError,
  notFound,
  unknownReference,
  type Actor,
  type ExtendLease,
  type LeasedTask,
  type LeaseExtension,
  type MeasuringTask,
  type Page,
  type UploadCell,
  type ListMeasuringTasks,
} from '#contracts';
import { buildLatencyTable } from './build-latency-table.js';
import type { Summariser } from './calibrator.port.js';
import type { DeviceRepository } from './device-repository.port.js';
import type { MeasuringOutcomes } from './measuring-outcomes.port.js';
import type { LeaseHold, MeasuringTaskRepository, TaskError } from './measuring-task-repository.port.js';
import type { MeasuringWakeups } from './measuring-wakeups.port.js';

export interface MeasuringServiceParts {
  readonly tasks: MeasuringTaskRepository;
  readonly devices: DeviceRepository;
  readonly wakeups: MeasuringWakeups;
  readonly outcomes: MeasuringOutcomes;
  readonly summarise: Summariser;
  readonly now: () => Date;
  readonly newId: () => string;
  /** How long a lease holds without an extension. */
  readonly leaseMs?: number;
  /** A waiting agent looks for tasks at least this often: a lease that runs out wakes nobody. */
  readonly pollMs?: number;
}

export interface WaitForTask {
  readonly deviceId: string;
  readonly agent: { readonly name: string; readonly version: string };
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/** What agents do to measuring tasks, and users to those that are there. One agent at a time measures on a device; a lease's token fences all others off. */
export class MeasuringService {
  constructor(private readonly parts: MeasuringServiceParts) {}

  /** @throws AppError not_found */
  async get(actor: Actor, taskId: string): Promise<MeasuringTask> {
    const task = await this.parts.tasks.find(actor, taskId);
    if (task === undefined) throw notFound('measuring task', taskId);
    return task;
  }

  list(actor: Actor, query: ListMeasuringTasks): Promise<Page<MeasuringTask>> {
    return this.parts.tasks.list(actor, query);
  }

  /**
   * The device's next task, as soon as there is one; undefined when none came within `waitMs` or the caller left.
   * @throws AppError invalid_request naming deviceId
   */
  async lease(actor: Actor, request: WaitForTask): Promise<LeasedTask | undefined> {
    const { deviceId, waitMs, signal } = request;
    const device = await this.parts.devices.find(actor, deviceId);
    if (device === undefined) throw unknownReference('deviceId', deviceId, 'device');
    await this.parts.devices.asked(actor, deviceId, this.parts.now());
    const deadline = performance.now() + waitMs;
    let news = new AbortController();
    const unsubscribe = this.parts.wakeups.onMeasuringTask(deviceId, () => news.abort());
    try {
      while (!signal.aborted) {
        news = new AbortController();
        const task = await this.tryLease(actor, request);
        const leftMs = deadline - performance.now();
        if (task !== undefined || leftMs <= 0) return task;
        await pause(Math.min(leftMs, this.parts.pollMs ?? 1000), AbortSignal.any([signal, news.signal]));
      }
    } finally {
      unsubscribe();
    }
    return undefined;
  }

  /** The job behind the task tells why its device is left alone, for as long as the agent says so. @throws AppError lease_lost */
  async extend(actor: Actor, taskId: string, { leaseToken, waiting }: ExtendLease): Promise<LeaseExtension> {
    const { tasks, outcomes } = this.parts;
    const expiresAt = this.leaseEnd();
    const change = await tasks.extend(actor, this.hold(taskId, leaseToken), { expiresAt, waiting });
    if (change.before !== change.task.waiting?.reason) await outcomes.waits(change.task);
    return { leaseExpiresAt: expiresAt.toISOString() };
  }

  /** Uploading a cell again replaces it. @throws AppError not_found, invalid_request (naming index) or lease_lost */
  async uploadCell(actor: Actor, taskId: string, index: number, upload: UploadCell): Promise<void> {
    const { tasks, summarise } = this.parts;
    const { cells } = await this.get(actor, taskId);
    if (!cells.some((cell) => cell.index === index)) throw noSuchCell(index, cells.length);
    const { leaseToken, samplesMs, provenance } = upload;
    const cell = { index, samplesMs, provenance, summary: summarise(samplesMs) };
    await tasks.saveCell(actor, this.hold(taskId, leaseToken), cell);
  }

  /**
   * Makes the latency table of a task whose cells are all uploaded.
   * @throws AppError invalid_request naming the missing cells, or lease_lost
   */
  async complete(actor: Actor, taskId: string, token: string): Promise<MeasuringTask> {
    const identity = { id: this.parts.newId(), at: this.parts.now() };
    const task = await this.parts.tasks.complete(actor, this.hold(taskId, token), (held, cells) =>
      buildLatencyTable(held, cells, identity),
    );
    await this.parts.outcomes.ended(task);
    return task;
  }

  /** @throws AppError lease_lost */
  async fail(actor: Actor, taskId: string, token: string, error: TaskError): Promise<MeasuringTask> {
    const task = await this.parts.tasks.fail(actor, this.hold(taskId, token), error);
    await this.parts.outcomes.ended(task);
    return task;
  }

  /**
   * Whoever measures it learns so when it next extends its lease, and a job that waits for it fails. A task that has ended stays
   * as it is. @throws AppError not_found
   */
  async cancel(actor: Actor, taskId: string): Promise<MeasuringTask> {
    const task = await this.parts.tasks.cancel(actor, taskId, this.parts.now());
    if (task.state === 'cancelled') await this.parts.outcomes.ended(task);
    return task;
  }

  private tryLease(actor: Actor, { deviceId, agent }: WaitForTask): Promise<LeasedTask | undefined> {
    const { tasks, now, newId } = this.parts;
    const lease = { deviceId, agent, token: newId(), now: now(), expiresAt: this.leaseEnd() };
    return tasks.leaseNext(actor, lease);
  }

  private leaseEnd(): Date {
    return new Date(this.parts.now().getTime() + (this.parts.leaseMs ?? 60_000));
  }

  private hold(taskId: string, token: string): LeaseHold {
    return { taskId, token, now: this.parts.now() };
  }
}

/** Rejects with nothing but the abort, which only ends the pause. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => {});
}

function noSuchCell(index: number, count: number): AppError {
  const expected = `a cell index from 0 to ${count - 1}`;
  return new AppError('invalid_request', `the measuring task has no cell ${index}`, {
    fields: [{ field: 'index', value: index, expected }],
  });
}
