import { type Actor, type LeasedTask, type MeasuringTask, type Page } from '#contracts';
import type {
  LeaseHold,
  ListMeasuringTasks,
  MeasuredCell,
  MeasuringTaskRepository,
  NewLatencyTable,
  NewLease,
  OpenOfJobs,
  TaskError,
} from '#devices';
import type { ArtifactReferences } from '../artifacts/artifact-references.js';
import { artifactRow } from '../artifacts/artifact.rows.js';
import { inTransaction, type Database, type Transaction } from '../database/database.js';
import { isDuplicate } from '../database/database-errors.js';
import { notify } from '../database/notify.js';
import { pageArguments, pageOfRows } from '../database/paging.js';
import { isId, json } from '../database/rows.js';
import { insertLatencyTable, lockDevice } from './latency-table.rows.js';
import { leaseNextTask } from './lease-next-task.js';
import { endedBy, lockHeldTask, lockTask, requireHeld } from './lock-held-task.js';
import { newTaskColumns, toMeasuredCell, toTask, WITH_TABLE } from './measuring-task.rows.js';

export class PostgresMeasuringTaskRepository implements MeasuringTaskRepository {
  constructor(
    private readonly database: Database,
    private readonly references: ArtifactReferences,
  ) {}

  async create(task: MeasuringTask, key?: string): Promise<MeasuringTask> {
    try {
      await inTransaction(this.database, (tx) => this.insert(tx, task, key));
      return task;
    } catch (error) {
      if (key === undefined || !isDuplicate(error)) throw error;
      return toTask(
        await this.database.measuringTask.findUniqueOrThrow({ where: { key }, include: WITH_TABLE }),
      );
    }
  }

  async find({ teamId }: Actor, taskId: string): Promise<MeasuringTask | undefined> {
    if (!isId(taskId)) return undefined;
    const where = { id: taskId, teamId };
    const row = await this.database.measuringTask.findUnique({ where, include: WITH_TABLE });
    return row === null ? undefined : toTask(row);
  }

  async list({ teamId }: Actor, query: ListMeasuringTasks): Promise<Page<MeasuringTask>> {
    const { where, ...page } = pageArguments(query);
    const { deviceId, state, jobId } = query;
    const rows = await this.database.measuringTask.findMany({
      where: { ...where, teamId, deviceId, state, jobId },
      include: WITH_TABLE,
      ...page,
    });
    return pageOfRows(rows, query, toTask);
  }

  async openOfJobs({ createdBefore, limit, afterId }: OpenOfJobs): Promise<{ id: string; jobId: string }[]> {
    const rows = await this.database.measuringTask.findMany({
      where: {
        state: { in: [...OPEN] },
        jobId: { not: null },
        createdAt: { lt: createdBefore },
        id: { gt: afterId },
      },
      orderBy: { id: 'asc' },
      take: limit,
      select: { id: true, jobId: true },
    });
    return rows.map(({ id, jobId }) => ({ id, jobId: jobId! }));
  }

  async leaseNext(actor: Actor, lease: NewLease): Promise<LeasedTask | undefined> {
    if (!isId(lease.deviceId)) return undefined;
    return inTransaction(this.database, (tx) => leaseNextTask(tx, actor, lease));
  }

  extend(actor: Actor, hold: LeaseHold, expiresAt: Date): Promise<void> {
    return inTransaction(this.database, async (tx) => {
      const { id } = await lockHeldTask(tx, actor, hold);
      const data = { leaseExpiresAt: expiresAt, updatedAt: hold.now };
      await tx.measuringTask.update({ where: { id }, data });
    });
  }

  saveCell(actor: Actor, hold: LeaseHold, cell: MeasuredCell): Promise<void> {
    return inTransaction(this.database, async (tx) => {
      const { id: taskId, teamId, owner } = await lockHeldTask(tx, actor, hold);
      const { index, samplesMs, summary, provenance } = cell;
      const upload = { samplesMs: [...samplesMs], summary: json(summary), provenance: json(provenance) };
      await tx.measuringCell.upsert({
        where: { taskId_index: { taskId, index } },
        create: { taskId, index, teamId, owner, createdAt: hold.now, updatedAt: hold.now, ...upload },
        update: { updatedAt: hold.now, ...upload },
      });
      const cellsDone = await tx.measuringCell.count({ where: { taskId } });
      await tx.measuringTask.update({ where: { id: taskId }, data: { cellsDone, updatedAt: hold.now } });
    });
  }

  complete(
    actor: Actor,
    hold: LeaseHold,
    build: (task: MeasuringTask, cells: readonly MeasuredCell[]) => NewLatencyTable,
  ): Promise<MeasuringTask> {
    return inTransaction(this.database, async (tx) => {
      await lockDeviceOf(tx, hold.taskId);
      const row = await lockTask(tx, actor, hold.taskId);
      if (endedBy(row, hold, 'completed')) return toTask(row);
      requireHeld(row, hold);
      const cells = await tx.measuringCell.findMany({ where: { taskId: row.id }, orderBy: { index: 'asc' } });
      await insertLatencyTable(tx, build(toTask(row), cells.map(toMeasuredCell)));
      await tx.measuringCell.deleteMany({ where: { taskId: row.id } }); // the table has them now
      const data = { state: 'completed' as const, leaseExpiresAt: null, updatedAt: hold.now };
      return toTask(await tx.measuringTask.update({ where: { id: row.id }, data, include: WITH_TABLE }));
    });
  }

  fail(actor: Actor, hold: LeaseHold, error: TaskError): Promise<MeasuringTask> {
    return inTransaction(this.database, async (tx) => {
      const row = await lockTask(tx, actor, hold.taskId);
      if (endedBy(row, hold, 'failed')) return toTask(row);
      requireHeld(row, hold);
      const data = {
        state: 'failed' as const,
        error: json(error),
        leaseExpiresAt: null,
        updatedAt: hold.now,
      };
      return toTask(await tx.measuringTask.update({ where: { id: row.id }, data, include: WITH_TABLE }));
    });
  }

  cancel(actor: Actor, taskId: string, now: Date): Promise<MeasuringTask> {
    return inTransaction(this.database, async (tx) => {
      const row = await lockTask(tx, actor, taskId);
      if (!isOpen(row)) return toTask(row);
      await tx.measuringCell.deleteMany({ where: { taskId: row.id } });
      const data = { state: 'cancelled' as const, leaseExpiresAt: null, updatedAt: now };
      return toTask(await tx.measuringTask.update({ where: { id: row.id }, data, include: WITH_TABLE }));
    });
  }

  private async insert(tx: Transaction, task: MeasuringTask, key: string | undefined): Promise<void> {
    await tx.measuringTask.create({ data: newTaskColumns(task, key) });
    const networks = task.subnets.map((subnet) => artifactRow(task, 'onnx', subnet.onnx));
    await this.references.note(tx, networks);
    await notify(tx, 'measuringTasks', task.deviceId);
  }
}

/** States from which a task still can be ended. */
const OPEN = ['queued', 'leased'] as const;

const isOpen = ({ state }: Pick<MeasuringTask, 'state'>): boolean => OPEN.some((each) => each === state);

/** Before the task's own row, in the order in which leases lock them. */
async function lockDeviceOf(tx: Transaction, taskId: string): Promise<void> {
  if (!isId(taskId)) return;
  const task = await tx.measuringTask.findUnique({ where: { id: taskId }, select: { deviceId: true } });
  if (task !== null) await lockDevice(tx, task.deviceId);
}
