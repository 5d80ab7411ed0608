import { AppError, notFound, type Actor } from '#contracts';
import type { LeaseHold } from '#devices';
import type { Transaction } from '../database/database.js';
import { isId } from '../database/rows.js';
import { WITH_TABLE, type TaskRow } from './measuring-task.rows.js';

/** Locks the row of a task until the transaction ends. @throws AppError not_found */
export async function lockTask(tx: Transaction, { teamId }: Actor, taskId: string): Promise<TaskRow> {
  if (!isId(taskId)) throw notFound('measuring task', taskId);
  await tx.$queryRaw`SELECT id FROM "MeasuringTask" WHERE id = ${taskId}::uuid FOR UPDATE`;
  const row = await tx.measuringTask.findUnique({ where: { id: taskId, teamId }, include: WITH_TABLE });
  if (row === null) throw notFound('measuring task', taskId);
  return row;
}

/** @throws AppError lease_lost when the lease does not allow to write to the task. */
export function requireHeld(task: TaskRow, hold: LeaseHold): void {
  if (task.state === 'leased' && task.leaseToken === hold.token) return;
  throw new AppError(
    'lease_lost',
    `the lease on measuring task "${task.id}" is lost: the task is ${task.state}`,
  );
}

/** Locks a task that the lease allows to write to. @throws AppError not_found or lease_lost */
export async function lockHeldTask(tx: Transaction, actor: Actor, hold: LeaseHold): Promise<TaskRow> {
  const task = await lockTask(tx, actor, hold.taskId);
  requireHeld(task, hold);
  return task;
}

/** Whether this very lease has brought the task to the given end before. */
export function endedBy(task: TaskRow, hold: LeaseHold, end: 'completed' | 'failed'): boolean {
  return task.state === end && task.leaseToken === hold.token;
}
