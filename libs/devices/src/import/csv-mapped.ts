import type { ImportLatencyTable } from '#contracts';
import type { ImportFile } from './import-file.js';
import { mapRows, type RowsTarget } from './map-rows.js';
import { readCsv } from './read-csv.js';

type Options = Extract<ImportLatencyTable, { format: 'csv-mapped' }>;

/** CSV of others: the options say which column means what; columns that they do not name are not read. */
export function readMappedCsv(
  file: ImportFile,
  { delimiter, columns }: Options,
  target: RowsTarget,
): Promise<void> {
  return readCsv(file, delimiter, target.problems, (header) => mapRows(header, columns, target));
}
