import { AppError, newAudit, type MeasuringTask, type SampledLatencyCell } from '#contracts';
import type { NewLatencyTable } from './latency-table-repository.port.js';
import type { MeasuredCell } from './measuring-task-repository.port.js';
import { newLatencyTable } from './new-latency-table.js';

/**
 * The table of a task whose cells are all there, or under an adaptive selection one for each operating point at least; it
 * belongs to the task's team and owner.
 * @throws AppError invalid_request naming the cells that are missing
 */
export function buildLatencyTable(
  task: MeasuringTask,
  measured: readonly MeasuredCell[],
  identity: { id: string; at: Date },
): NewLatencyTable {
  const byIndex = new Map(measured.map((cell) => [cell.index, cell]));
  const missing = missingCells(task, byIndex);
  if (missing.length > 0) throw incomplete(task, missing);
  const origin = {
    ...newAudit(task, identity.id, identity.at),
    deviceId: task.deviceId,
    source: { kind: 'measured' as const, measuringTaskId: task.id },
    measuringTaskId: task.id,
    purpose: task.purpose,
    ...(task.jobId === undefined ? {} : { jobId: task.jobId }),
  };
  const there = task.cells.filter(({ index }) => byIndex.has(index));
  const cells = there.map((cell, index) => {
    return { ...latencyCell(task, cell, byIndex.get(cell.index)!), index };
  });
  return newLatencyTable(origin, task.operatingPoints, cells);
}

/** Indices of the cells that the task cannot do without. */
function missingCells({ cells, selection }: MeasuringTask, measured: ReadonlyMap<number, unknown>): number[] {
  const open = cells.filter(({ index }) => !measured.has(index));
  const covered = new Set(
    cells.filter(({ index }) => measured.has(index)).map(({ operatingPoint }) => operatingPoint),
  );
  const needed = selection.kind === 'all' ? open : open.filter((cell) => !covered.has(cell.operatingPoint));
  return needed.map(({ index }) => index);
}

function latencyCell(
  task: MeasuringTask,
  { operatingPoint, ratio }: MeasuringTask['cells'][number],
  { samplesMs, summary, provenance }: MeasuredCell,
): Omit<SampledLatencyCell, 'index'> {
  const { widths, macs } = task.subnets.find((subnet) => subnet.ratio === ratio)!;
  return {
    ...{ operatingPoint, ratio, widths, macs, summary, provenance },
    sampleCount: samplesMs.length,
    samplesMs: [...samplesMs],
  };
}

function incomplete(task: MeasuringTask, missing: readonly number[]): AppError {
  const detail = `measuring task "${task.id}" lacks ${missing.length} of its ${task.cells.length} cells`;
  const expected =
    task.selection.kind === 'all'
      ? `all ${task.cells.length} cells to be uploaded before the task is completed`
      : 'a cell of every operating point to be uploaded before the task is completed';
  const value = `missing: ${missing.slice(0, 20).join(', ')}`;
  return new AppError('invalid_request', detail, { fields: [{ field: 'cells', value, expected }] });
}
