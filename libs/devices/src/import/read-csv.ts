import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import type { ImportFile } from './import-file.js';
import type { ImportProblems } from './import-problems.js';

const LONGEST_LINE = 1024 * 1024;
const MOST_COLUMNS = 1000;
/** Of the parser's messages, which repeat what they found. */
const LONGEST_MESSAGE = 100;

/** Takes a line's values by the order of columns. */
export type ReadRow = (values: readonly string[], line: number) => void;

/** The first line of a file: which column has which name. */
export class CsvHeader {
  constructor(
    readonly file: string,
    readonly line: number,
    readonly names: readonly string[],
  ) {}

  /** The index of a column, -1 without one. */
  find(name: string): number {
    return this.names.indexOf(name);
  }

  /** The index of a column that must be there; a problem and -1 without one. */
  require(name: string, problems: ImportProblems): number {
    const index = this.find(name);
    if (index < 0) {
      const expected = `a column of this name; there are: ${this.names.join(', ')}`;
      problems.add({ file: this.file, line: this.line, column: name, expected });
    }
    return index;
  }
}

/**
 * Reads CSV (RFC 4180; empty lines do not count) as it comes: memory stays the same however long the file is.
 * @param open called with the header; what it returns takes the lines
 * @throws AppError latency_table_unreadable when problems fill up, or the header has any
 */
export async function readCsv(
  file: ImportFile,
  delimiter: string,
  problems: ImportProblems,
  open: (header: CsvHeader) => ReadRow,
): Promise<void> {
  let header: CsvHeader | undefined;
  let readRow: ReadRow | undefined;
  const takeRecord = (values: string[], { lines: line }: { lines: number }): null => {
    if (header === undefined) {
      header = checkedHeader(new CsvHeader(file.name, line, values), problems);
      readRow = open(header);
      problems.refuseAny(); // every line would repeat it
    } else if (values.length === header.names.length) readRow!(values, line);
    else problems.add(wrongWidth(header, values, line));
    return null; // nothing for the stream behind
  };
  const parser = parse({
    ...{ bom: true, delimiter, trim: true, skip_empty_lines: true, max_record_size: LONGEST_LINE },
    relax_column_count: true, // told above, with the line
    on_record: takeRecord,
  });
  try {
    await pipeline(Readable.from(file.content()), parser.resume());
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const expected = `valid CSV: ${error.message.slice(0, LONGEST_MESSAGE)}`;
    problems.add({ file: file.name, ...placeOf(error, header), expected });
    return;
  }
  if (header === undefined) {
    problems.add({
      file: file.name,
      line: 1,
      column: 1,
      expected: 'a first line with the names of the columns',
    });
  }
}

function checkedHeader(header: CsvHeader, problems: ImportProblems): CsvHeader {
  const { file, line, names } = header;
  if (names.length > MOST_COLUMNS) {
    problems.add({ file, line, column: MOST_COLUMNS + 1, expected: `at most ${MOST_COLUMNS} columns` });
    problems.refuseAny();
  }
  for (const [index, column] of names.entries()) {
    if (names.indexOf(column) === index) continue;
    problems.add({ file, line, column, value: column, expected: 'columns with different names' });
  }
  return header;
}

function wrongWidth({ file, names }: CsvHeader, values: readonly string[], line: number) {
  const missing = names[values.length];
  return {
    ...{ file, line, column: missing ?? names.length + 1 },
    value: `${values.length} values`,
    expected: `${names.length} values, as the first line has names`,
  };
}

function placeOf(error: CsvError, header: CsvHeader | undefined): { line: number; column: string | number } {
  const { lines, column } = error as { lines?: number; column?: number | string };
  const name = typeof column === 'number' ? (header?.names[column] ?? column + 1) : column;
  return { line: lines ?? 1, column: name ?? 1 };
}
