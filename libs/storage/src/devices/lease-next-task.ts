import { LatencySummary, type Actor, type LeasedTask } from '#contracts';
import type { NewLease } from '#devices';
import type { Transaction } from '../database/database.js';
import { lockDevice } from './latency-table.rows.js';
import { toTask, WITH_TABLE } from './measuring-task.rows.js';

interface OpenTask {
  id: string;
  state: 'queued' | 'leased';
  leaseExpiresAt: Date | null;
}

/** Takes the device's oldest task that nobody holds, unless another task of the device is held. */
export async function leaseNextTask(
  tx: Transaction,
  { teamId }: Actor,
  lease: NewLease,
): Promise<LeasedTask | undefined> {
  const { deviceId, token, now, expiresAt, agent } = lease;
  // One lease at a time per device.
  await lockDevice(tx, deviceId);
  const open = await lockOpenTasks(tx, teamId, deviceId);
  const held = open.some((task) => task.state === 'leased' && task.leaseExpiresAt! > now);
  const next = open[0];
  if (held || next === undefined) return undefined;
  const row = await tx.measuringTask.update({
    where: { id: next.id },
    data: {
      state: 'leased',
      leaseToken: token,
      leaseExpiresAt: expiresAt,
      agentName: agent.name,
      agentVersion: agent.version,
      updatedAt: now,
    },
    include: {
      ...WITH_TABLE,
      measuredCells: { select: { index: true, summary: true }, orderBy: { index: 'asc' } },
    },
  });
  const { measuredCells, ...task } = row;
  return {
    ...toTask(task),
    leaseToken: token,
    doneCells: measuredCells.map((cell) => cell.index),
    doneMedians: measuredCells.map(({ index, summary }) => {
      const { p50Ms, p50LowMs, p50HighMs, n } = LatencySummary.parse(summary);
      return { index, p50Ms, p50LowMs, p50HighMs, n };
    }),
  };
}

/**
 * The device's leased tasks and its oldest queued one, oldest first, locked. A holder that extends its lease right now
 * is waited for; SKIP LOCKED would give another task of the device beside the one that it measures.
 */
function lockOpenTasks(tx: Transaction, teamId: string, deviceId: string): Promise<OpenTask[]> {
  return tx.$queryRaw<OpenTask[]>`
    SELECT id, state, "leaseExpiresAt" FROM "MeasuringTask"
    WHERE "teamId" = ${teamId}::uuid AND state IN ('queued', 'leased') AND id IN (
      SELECT id FROM "MeasuringTask" WHERE "deviceId" = ${deviceId}::uuid AND state = 'leased'
      UNION ALL (
        SELECT id FROM "MeasuringTask" WHERE "deviceId" = ${deviceId}::uuid AND state = 'queued'
        ORDER BY "createdAt", id LIMIT 1
      )
    )
    ORDER BY "createdAt", id
    FOR UPDATE`;
}
