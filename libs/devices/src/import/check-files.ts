import { AppError, type FieldError, type ImportLatencyTable, type OperatingPoint } from '#contracts';
import type { ImportFile } from './import-file.js';

const PART = 'file';

/**
 * The files by name, once the options and they fit each other and the device.
 * @throws AppError invalid_request naming parts and options that do not
 */
export function checkedFiles(
  options: ImportLatencyTable,
  files: readonly ImportFile[],
  operatingPoints: readonly OperatingPoint[],
): ReadonlyMap<string, ImportFile> {
  const byName = new Map(files.map((file) => [file.name, file]));
  const faults: FieldError[] = files
    .filter((file) => byName.get(file.name) !== file)
    .map(({ name }) => ({ field: PART, value: name, expected: 'files with different names' }));
  if ('logs' in options) faults.push(...logFaults(options.logs, byName, operatingPoints));
  else if (files.length !== 1) {
    const expected = `one file for the format ${options.format}`;
    faults.push({ field: PART, value: `${files.length} files`, expected });
  }
  if (faults.length === 0) return byName;
  const [{ field, value, expected }] = faults as [FieldError];
  throw new AppError('invalid_request', `${field} is ${JSON.stringify(value)}: expected ${expected}`, {
    fields: faults,
  });
}

type Logs = Extract<ImportLatencyTable, { format: 'triton-perf-analyzer' }>['logs'];

function logFaults(
  logs: Logs,
  files: ReadonlyMap<string, ImportFile>,
  operatingPoints: readonly OperatingPoint[],
): FieldError[] {
  const names = new Set(operatingPoints.map(({ name }) => name));
  const cells = new Map<string, number>();
  const faults = logs.flatMap(({ file, operatingPoint, ratio }, index): FieldError[] => {
    const field = `options.logs[${index}]`;
    const cell = `${operatingPoint}, ratio ${ratio}`;
    const before = cells.get(cell);
    cells.set(cell, before ?? index);
    return [
      ...fault(!files.has(file), `${field}.file`, file, 'the name of an uploaded file'),
      ...fault(
        !names.has(operatingPoint),
        `${field}.operatingPoint`,
        operatingPoint,
        `an operating point of the device: ${[...names].slice(0, 10).join(', ')}`,
      ),
      ...fault(before !== undefined, field, cell, `each cell once; options.logs[${before}] is the same`),
    ];
  });
  const named = new Set(logs.map((log) => log.file));
  const unused = [...files.keys()].flatMap((name) => {
    return fault(!named.has(name), PART, name, 'a file that options.logs names');
  });
  return [...faults, ...unused].slice(0, 20);
}

function fault(isWrong: boolean, field: string, value: string, expected: string): FieldError[] {
  return isWrong ? [{ field, value, expected }] : [];
}
