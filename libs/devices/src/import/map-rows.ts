import type { ImportLatencyTable, OperatingPoint } from '#contracts';
import type { CellCollector, Place } from './cell-collector.js';
import { findByClock, findByName, type FoundPoint } from './find-operating-point.js';
import type { ImportProblems } from './import-problems.js';
import { EXPECTED_RATIO, expectedTime, HERTZ, parseNumber, parseRatio, parseTimeMs } from './parse-values.js';
import type { CsvHeader, ReadRow } from './read-csv.js';

export type MappedColumns = Extract<ImportLatencyTable, { format: 'csv-mapped' }>['columns'];

const LARGEST_COUNT = 1024;

/** What rows are read into and checked against. */
export interface RowsTarget {
  readonly operatingPoints: readonly OperatingPoint[];
  readonly cells: CellCollector;
  readonly problems: ImportProblems;
}

/** A value of a line; undefined after a problem was told, or where the line is left out. */
type ReadValue<T> = (values: readonly string[], line: number) => T | undefined;

/** Reads lines whose columns mean what `columns` says. `threads` and `batch` are read where their columns exist. */
export function mapRows(
  header: CsvHeader,
  columns: MappedColumns,
  target: RowsTarget,
  { threads, batch }: { threads?: string; batch?: string } = {},
): ReadRow {
  const { file } = header;
  const pointOf = operatingPointReader(header, columns.operatingPoint, target);
  const ratioOf = ratioReader(header, columns.ratio, target.problems);
  const { column, unit, is } = columns.latency;
  const latencyIndex = header.require(column, target.problems);
  const threadsOf = countReader(header, threads, target.problems);
  const batchOf = countReader(header, batch, target.problems);
  return (values, line) => {
    const ratio = ratioOf(values, line);
    if (ratio === 'left out') return;
    const operatingPoint = pointOf(values, line);
    const text = values[latencyIndex]!;
    const ms = parseTimeMs(text, unit);
    const place: Place = { file, line, column };
    if (ms === undefined) target.problems.add({ ...place, value: text, expected: expectedTime(unit) });
    const around = { threads: threadsOf(values, line), batch: batchOf(values, line) };
    if (operatingPoint === undefined || ratio === undefined || ms === undefined) return;
    if (is === 'sample') target.cells.addSample(operatingPoint, ratio, ms, { ...place, ...around });
    else {
      const figures = { stated: true as const, p50Ms: ms, p50Is: is };
      const stated = is === 'mean' ? { ...figures, meanMs: ms } : figures;
      target.cells.addCell({ operatingPoint, ratio, samplesMs: [], stated, ...around }, place);
    }
  };
}

function operatingPointReader(
  header: CsvHeader,
  column: MappedColumns['operatingPoint'],
  { operatingPoints, problems }: RowsTarget,
): ReadValue<string> {
  const index = header.require(column.column, problems);
  const find = (text: string): FoundPoint => {
    if (column.by === 'name') return findByName(operatingPoints, text);
    const { clock, unit } = column;
    return findByClock(operatingPoints, text, { clock, unit, hertzPerUnit: HERTZ[unit] });
  };
  const known = new Map<string, FoundPoint>(); // a file has few of them, and many lines
  return (values, line) => {
    const text = values[index]!;
    let found = known.get(text);
    if (found === undefined) known.set(text, (found = find(text)));
    if ('name' in found) return found.name;
    const { expected } = found;
    problems.add({ file: header.file, line, column: column.column, value: text, expected });
    return undefined;
  };
}

function ratioReader(
  header: CsvHeader,
  ratio: MappedColumns['ratio'],
  problems: ImportProblems,
): ReadValue<number | 'left out'> {
  if (ratio.by === 'constant') return () => ratio.ratio;
  const index = header.require(ratio.column, problems);
  const models = ratio.by === 'model' ? new Map(Object.entries(ratio.models)) : undefined;
  const expected =
    models === undefined ? EXPECTED_RATIO : `a model of the options: ${[...models.keys()].join(', ')}`;
  return (values, line) => {
    const text = values[index]!;
    const found = models === undefined ? parseRatio(text) : models.get(text);
    if (found !== undefined) return found;
    if (ratio.by === 'model' && ratio.others === 'leave-out') return 'left out';
    problems.add({ file: header.file, line, column: ratio.column, value: text, expected });
    return undefined;
  };
}

/** Of a column that may be missing, and be empty. */
function countReader(
  header: CsvHeader,
  column: string | undefined,
  problems: ImportProblems,
): ReadValue<number> {
  const index = column === undefined ? -1 : header.find(column);
  if (column === undefined || index < 0) return () => undefined;
  return (values, line) => {
    const text = values[index]!;
    const count = parseNumber(text);
    if (text === '') return undefined;
    if (count !== undefined && Number.isInteger(count) && count >= 1 && count <= LARGEST_COUNT) return count;
    const expected = `a whole number from 1 to ${LARGEST_COUNT}, or nothing`;
    problems.add({ file: header.file, line, column, value: text, expected });
    return undefined;
  };
}
