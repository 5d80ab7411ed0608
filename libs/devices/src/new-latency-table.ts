import type { LatencyTableHeader, OperatingPoint, SampledLatencyCell } from '#contracts';
import type { NewLatencyTable } from './latency-table-repository.port.js';
import { tableMarks } from './table-marks.js';

/** Of a table's marks, how many it keeps: a list of tables must stay small. */
const KEPT_MARKS = 100;

/** What is said of a table; the rest follows from its cells. */
export type TableOrigin = Omit<
  LatencyTableHeader,
  'version' | 'emulated' | 'cellCount' | 'sampleCount' | 'marks' | 'markCount'
>;

/** A table of these cells, with its counts and marks. @param operatingPoints those that the table should have */
export function newLatencyTable(
  origin: TableOrigin,
  operatingPoints: readonly OperatingPoint[],
  cells: readonly SampledLatencyCell[],
): NewLatencyTable {
  const marks = tableMarks(operatingPoints, cells);
  return {
    ...origin,
    emulated: cells.some((cell) => cell.provenance.emulated === true),
    cellCount: cells.length,
    sampleCount: cells.reduce((sum, cell) => sum + cell.sampleCount, 0),
    marks: marks.slice(0, KEPT_MARKS),
    markCount: marks.length,
    cells,
  };
}
