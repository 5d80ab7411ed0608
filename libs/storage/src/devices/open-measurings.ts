import type { OpenMeasuring, OpenMeasurings } from '#devices';
import type { Database } from '../database/database.js';

interface Row {
  id: string;
  updatedAt: Date;
  leaseExpiresAt: Date | null;
  agentName: string | null;
  waiting: string | null;
  deviceName: string;
  askedAt: Date | null;
  isBusy: boolean;
}

/** Measuring tasks that have not ended, in PostgreSQL. */
export class PostgresOpenMeasurings implements OpenMeasurings {
  constructor(private readonly database: Database) {}

  async find(taskIds: readonly string[], now: Date): Promise<OpenMeasuring[]> {
    if (taskIds.length === 0) return [];
    const rows = await this.database.$queryRaw<Row[]>`
      SELECT task.id, task."updatedAt", task."leaseExpiresAt", task."agentName",
             task.waiting ->> 'reason' AS waiting, device.name AS "deviceName", device."askedAt",
             EXISTS (
               SELECT 1 FROM "MeasuringTask" AS other
               WHERE other."deviceId" = task."deviceId" AND other.state = 'leased' AND other.id <> task.id
                 AND other."leaseExpiresAt" > ${now}
             ) AS "isBusy"
      FROM "MeasuringTask" AS task JOIN "Device" AS device ON device.id = task."deviceId"
      WHERE task.id = ANY(${[...taskIds]}::uuid[]) AND task.state IN ('queued', 'leased')`;
    return rows.map(toOpenMeasuring);
  }
}

function toOpenMeasuring(row: Row): OpenMeasuring {
  const { id: taskId, leaseExpiresAt: expiresAt, agentName, waiting, updatedAt: heardAt } = row;
  const { deviceName: name, askedAt, isBusy } = row;
  const lease = expiresAt !== null && {
    ...{ agentName: agentName ?? 'unknown', expiresAt, heardAt, waiting: waiting ?? undefined },
  };
  return { taskId, ...(lease && { lease }), device: { name, askedAt: askedAt ?? undefined, isBusy } };
}
