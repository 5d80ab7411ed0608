import { LatencySummary, MeasuringTask, SampleProvenance, Waiting } from '#contracts';
import type { MeasuredCell } from '#devices';
import { auditColumns, json, jsonOrNull, plain } from '../database/rows.js';
import type { MeasuringCellModel, MeasuringTaskModel } from '../generated/models.js';

/** What a task is read with. */
export const WITH_TABLE = { latencyTable: { select: { id: true } } };

export type TaskRow = MeasuringTaskModel & { latencyTable: { id: string } | null };

export function newTaskColumns(task: MeasuringTask, key: string | undefined) {
  const { deviceId, jobId, purpose, state, cellsDone, leaseExpiresAt } = task;
  return {
    ...auditColumns(task),
    ...{ deviceId, jobId, purpose, state, cellsDone, leaseExpiresAt, key },
    input: json(task.input),
    protocol: json(task.protocol),
    operatingPoints: json(task.operatingPoints),
    subnets: json(task.subnets),
    cells: json(task.cells),
    selection: json(task.selection),
    error: jsonOrNull(task.error),
    deploys: jsonOrNull(task.deploys),
    awaitsDeployment: task.deploys === undefined ? null : true,
  };
}

export function toTask({ latencyTable, ...row }: TaskRow): MeasuringTask {
  return MeasuringTask.parse({ ...plain(row), latencyTableId: latencyTable?.id });
}

export function waitingOf({ waiting }: Pick<TaskRow, 'waiting'>): Waiting | undefined {
  return Waiting.nullable().parse(waiting) ?? undefined;
}

export function toMeasuredCell(row: MeasuringCellModel): MeasuredCell {
  return {
    index: row.index,
    samplesMs: row.samplesMs,
    summary: LatencySummary.parse(row.summary),
    provenance: SampleProvenance.parse(row.provenance),
  };
}
