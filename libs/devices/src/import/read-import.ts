import type { ImportedLog, ImportLatencyTable } from '#contracts';
import type { CollectedCell } from './cell-collector.js';
import { CellCollector } from './cell-collector.js';
import { readOwnCsv } from './csv.js';
import { readMappedCsv } from './csv-mapped.js';
import type { ImportFile } from './import-file.js';
import { ImportProblems } from './import-problems.js';
import { LogValues, type Line, type LogReading } from './log-reading.js';
import type { RowsTarget } from './map-rows.js';
import { readOnnxruntimeLog } from './onnxruntime-perf-test.js';
import { readLines } from './read-lines.js';
import { readTfliteLog } from './tflite-benchmark.js';
import { readTritonReport } from './triton-perf-analyzer.js';

type ReadLog = (lines: AsyncIterable<Line>, log: LogValues) => Promise<LogReading | undefined>;

/**
 * The cells of the files of an import, in no order.
 * @param files those that the options ask for, by name; one file where they name none
 * @throws AppError latency_table_unreadable naming the first 20 places that are wrong
 */
export async function readImport(
  options: ImportLatencyTable,
  files: ReadonlyMap<string, ImportFile>,
  operatingPoints: RowsTarget['operatingPoints'],
): Promise<CollectedCell[]> {
  const problems = new ImportProblems();
  const cells = new CellCollector(problems);
  await readInto(options, files, { operatingPoints, cells, problems });
  problems.refuseAny();
  const found = cells.all();
  if (found.length > 0) return found;
  const [file] = files.keys();
  problems.add({
    file: file ?? 'file',
    line: 2,
    column: 1,
    expected: leavesLinesOut(options)
      ? 'at least one line of a model that the options name'
      : 'at least one line with values',
  });
  problems.refuseAny();
  return found;
}

function leavesLinesOut(options: ImportLatencyTable): boolean {
  if (options.format !== 'csv-mapped') return false;
  const { ratio } = options.columns;
  return ratio.by === 'model' && ratio.others === 'leave-out';
}

async function readInto(
  options: ImportLatencyTable,
  files: ReadonlyMap<string, ImportFile>,
  target: RowsTarget,
): Promise<void> {
  switch (options.format) {
    case 'csv':
      for (const file of files.values()) await readOwnCsv(file, target);
      return;
    case 'csv-mapped':
      for (const file of files.values()) await readMappedCsv(file, options, target);
      return;
    case 'tflite-benchmark':
      return readLogs(options.logs, files, target, readTfliteLog);
    case 'onnxruntime-perf-test':
      return readLogs(options.logs, files, target, readOnnxruntimeLog);
    case 'triton-perf-analyzer':
      for (const file of files.values()) {
        const reports = options.logs.filter((log) => log.file === file.name);
        await readTritonReport(file, reports, target);
      }
  }
}

async function readLogs(
  logs: readonly ImportedLog[],
  files: ReadonlyMap<string, ImportFile>,
  { cells, problems }: RowsTarget,
  read: ReadLog,
): Promise<void> {
  for (const { file: name, operatingPoint, ratio } of logs) {
    const file = files.get(name)!;
    const reading = await read(readLines(file, problems), new LogValues(name, problems));
    if (reading === undefined) continue;
    const { first, last, ...found } = reading;
    cells.addCell({ operatingPoint, ratio, ...found }, { file: name, line: first, column: 1 }, last);
  }
}
