import { z } from 'zod';
import {
  Audit,
  Id,
  SweepComparison,
  SweepEvent,
  SweepSpec,
  SweepState,
  SweepValues,
  Timestamp,
  type StoredSweepEvent,
} from '#contracts';
import type { SweepRecord } from '#jobs';
import type { Prisma } from '../generated/client.js';
import { auditColumns, json, jsonOrNull, plain } from '../database/rows.js';
import { numberedEventRows } from './event.rows.js';

const Record = Audit.extend({
  name: z.string().optional(),
  spec: SweepSpec,
  members: z.array(z.object({ jobId: Id, values: SweepValues })),
  state: SweepState,
  failed: z.enum(['some', 'all']).optional(),
  comparison: SweepComparison.optional(),
  finishedAt: Timestamp.optional(),
});

/** The columns of a sweep that change during its life. */
export function changingSweepColumns({ updatedAt, state, failed, comparison, finishedAt }: SweepRecord) {
  return {
    ...{ updatedAt, state, failed: failed ?? null, finishedAt: finishedAt ?? null },
    comparison: jsonOrNull(comparison),
  };
}

export function newSweepColumns(sweep: SweepRecord) {
  return {
    ...auditColumns(sweep),
    ...changingSweepColumns(sweep),
    name: sweep.name ?? null,
    ...{ model: sweep.spec.base.model, labels: json(sweep.spec.labels) },
    spec: json(sweep.spec),
    members: json(sweep.members),
  };
}

export function toSweep(row: Prisma.SweepModel): SweepRecord {
  return Record.parse(plain(row));
}

export function sweepEventRows(sweep: SweepRecord, events: readonly SweepEvent[], lastSequence: number) {
  return numberedEventRows(sweep, events, lastSequence).map((row) => ({ sweepId: sweep.id, ...row }));
}

export function toStoredSweepEvent(row: Prisma.SweepEventModel): StoredSweepEvent {
  return { sequence: row.sequence, at: row.createdAt.toISOString(), event: SweepEvent.parse(row.data) };
}
