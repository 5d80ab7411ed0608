import { AppError, type FieldError } from '#contracts';

/** How many problems are told at most; reading stops there. */
const MOST = 20;
const LONGEST_VALUE = 80;
/** A file may have any names for its columns, and many of them. */
const LONGEST_EXPECTATION = 500;

/** Something wrong in a file. */
export interface ImportProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The column's name, or the place of the character in a line without columns, from 1. */
  readonly column: string | number;
  readonly value?: string | undefined;
  readonly expected: string;
}

/** Gathers what is wrong with the files of an import, so that not only the first problem is told. */
export class ImportProblems {
  private readonly found: ImportProblem[] = [];

  /** @throws AppError latency_table_unreadable when there are as many as are told */
  add(problem: ImportProblem): void {
    this.found.push(problem);
    if (this.found.length === MOST) throw refusal(this.found);
  }

  /** @throws AppError latency_table_unreadable when there are any */
  refuseAny(): void {
    if (this.found.length > 0) throw refusal(this.found);
  }
}

function refusal(problems: readonly ImportProblem[]): AppError {
  const fields = problems.map(fieldOf);
  const [{ field, value, expected }] = fields as [FieldError];
  const first = `${field}${value === undefined ? '' : ` is ${JSON.stringify(value)}`}: expected ${expected}`;
  return new AppError('latency_table_unreadable', first + countOf(problems.length), { fields });
}

function countOf(problems: number): string {
  if (problems === 1) return '';
  return problems === MOST
    ? ` (the first ${MOST} problems are told)`
    : ` (the first of ${problems} problems)`;
}

function fieldOf({ file, line, column, value, expected: whole }: ImportProblem): FieldError {
  const field = `${file}, line ${line}, column ${shortened(String(column), LONGEST_VALUE)}`;
  const expected = shortened(whole, LONGEST_EXPECTATION);
  return value === undefined
    ? { field, expected }
    : { field, value: shortened(value, LONGEST_VALUE), expected };
}

function shortened(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
