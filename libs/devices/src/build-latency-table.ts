import { AppError, newAudit, type MeasuringTask, type SampledLatencyCell } from '#contracts';
import type { NewLatencyTable } from './latency-table-repository.port.js';
import type { MeasuredCell } from './measuring-task-repository.port.js';
import { newLatencyTable } from './new-latency-table.js';

/**
 * The table of a task whose cells are all there; it belongs to the task's team and owner.
 * @throws AppError invalid_request naming the cells that are missing
 */
export function buildLatencyTable(
  task: MeasuringTask,
  measured: readonly MeasuredCell[],
  identity: { id: string; at: Date },
): NewLatencyTable {
  const byIndex = new Map(measured.map((cell) => [cell.index, cell]));
  const missing = task.cells.filter((cell) => !byIndex.has(cell.index)).map((cell) => cell.index);
  if (missing.length > 0) throw incomplete(task, missing);
  const origin = {
    ...newAudit(task, identity.id, identity.at),
    deviceId: task.deviceId,
    source: { kind: 'measured' as const, measuringTaskId: task.id },
    measuringTaskId: task.id,
    purpose: task.purpose,
    ...(task.jobId === undefined ? {} : { jobId: task.jobId }),
  };
  const cells = task.cells.map((cell) => latencyCell(task, cell, byIndex.get(cell.index)!));
  return newLatencyTable(origin, task.operatingPoints, cells);
}

function latencyCell(
  task: MeasuringTask,
  { index, operatingPoint, ratio }: MeasuringTask['cells'][number],
  { samplesMs, summary, provenance }: MeasuredCell,
): SampledLatencyCell {
  const { widths, macs } = task.subnets.find((subnet) => subnet.ratio === ratio)!;
  return {
    ...{ index, operatingPoint, ratio, widths, macs, summary, provenance },
    sampleCount: samplesMs.length,
    samplesMs: [...samplesMs],
  };
}

function incomplete(task: MeasuringTask, missing: readonly number[]): AppError {
  const detail = `measuring task "${task.id}" lacks ${missing.length} of its ${task.cells.length} cells`;
  const expected = `all ${task.cells.length} cells to be uploaded before the task is completed`;
  const value = `missing: ${missing.slice(0, 20).join(', ')}`;
  return new AppError('invalid_request', detail, { fields: [{ field: 'cells', value, expected }] });
}
