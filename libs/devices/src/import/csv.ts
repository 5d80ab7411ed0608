import type { ImportFile } from './import-file.js';
import { mapRows, type MappedColumns, type RowsTarget } from './map-rows.js';
import { readCsv, type CsvHeader } from './read-csv.js';

const COLUMNS: MappedColumns = {
  operatingPoint: { by: 'name', column: 'operating_point' },
  ratio: { by: 'value', column: 'ratio' },
  latency: { column: 'latency_ms', unit: 'ms', is: 'sample' },
};
const CIRCUMSTANCES = { threads: 'threads', batch: 'batch' };
const KNOWN = ['operating_point', 'ratio', 'latency_ms', 'threads', 'batch'];

/** Our own CSV: a line per sample, with the columns of docs/latency-tables.md and no others. */
export function readOwnCsv(file: ImportFile, target: RowsTarget): Promise<void> {
  return readCsv(file, ',', target.problems, (header) => {
    refuseUnknown(header, target);
    return mapRows(header, COLUMNS, target, CIRCUMSTANCES);
  });
}

function refuseUnknown({ file, line, names }: CsvHeader, { problems }: RowsTarget): void {
  for (const name of names.filter((each) => !KNOWN.includes(each))) {
    problems.add({ file, line, column: name, value: name, expected: `one of ${KNOWN.join(', ')}` });
  }
}
