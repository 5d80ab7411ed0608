import type { StatedSummary, TritonReport } from '#contracts';
import type { ImportFile } from './import-file.js';
import type { RowsTarget } from './map-rows.js';
import { expectedTime, parseNumber, parseTimeMs } from './parse-values.js';
import { readCsv, type CsvHeader, type ReadRow } from './read-csv.js';

/** Columns in microseconds, with the names that perf_analyzer's -f gives them. */
const FIGURES = {
  'p50 latency': 'p50Ms',
  'p90 latency': 'p90Ms',
  'p95 latency': 'p95Ms',
  'p99 latency': 'p99Ms',
  'Avg latency': 'meanMs',
} as const;
const LOADS = ['Concurrency', 'Request Rate'];

interface Row {
  readonly line: number;
  readonly load: number | undefined;
  readonly stated: StatedSummary;
}

/**
 * The CSV that Triton's perf_analyzer exports: a row per load, with percentiles and no samples.
 * @param reports which cells the file's rows are of
 */
export async function readTritonReport(
  file: ImportFile,
  reports: readonly TritonReport[],
  { cells, problems }: Pick<RowsTarget, 'cells' | 'problems'>,
): Promise<void> {
  const rows: Row[] = [];
  let lastLine = 1;
  const target = { problems, take: (row: Row) => void rows.push(row) };
  await readCsv(file, ',', problems, (header) => {
    const readRow = reportRows(header, target);
    return (values, line) => readRow(values, (lastLine = line));
  });
  for (const { operatingPoint, ratio, load } of reports) {
    const found = rows.filter((row) => load === undefined || row.load === load);
    const [row] = found;
    if (row !== undefined && found.length === 1) {
      const place = { file: file.name, line: row.line, column: 'p50 latency' };
      cells.addCell({ operatingPoint, ratio, samplesMs: [], stated: row.stated }, place);
      continue;
    }
    const which =
      load === undefined ? '; with several, options.logs names the load of one' : ` with the load ${load}`;
    const expected = `one row${which}, for ${operatingPoint} at ratio ${ratio}`;
    const at = { line: found[1]?.line ?? lastLine, column: LOADS.join(' or ') };
    problems.add({ file: file.name, ...at, value: `${found.length} rows`, expected });
  }
}

function reportRows(
  header: CsvHeader,
  { problems, take }: Pick<RowsTarget, 'problems'> & { take: (row: Row) => void },
): ReadRow {
  const { file } = header;
  const loadIndex = header.names.findIndex((name) => LOADS.includes(name));
  const hasMedian = header.find('p50 latency') >= 0;
  if (!hasMedian) header.require('Avg latency', problems);
  const columns = Object.entries(FIGURES).filter(([name]) => header.find(name) >= 0);
  return (values, line) => {
    const figures = columns.map(([column, figure]) => {
      const value = values[header.find(column)]!;
      const ms = parseTimeMs(value, 'us');
      if (ms === undefined) problems.add({ file, line, column, value, expected: expectedTime('us') });
      return [figure, ms ?? 0] as const;
    });
    const { p50Ms, ...others } = Object.fromEntries(figures) as Partial<Record<string, number>>;
    const p50 = hasMedian
      ? ({ p50Ms: p50Ms!, p50Is: 'median' } as const)
      : ({ p50Ms: others['meanMs']!, p50Is: 'mean' } as const);
    take({ line, load: parseNumber(values[loadIndex] ?? ''), stated: { stated: true, ...p50, ...others } });
  };
}
