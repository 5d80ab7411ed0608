import type { ImportFile } from './import-file.js';
import type { ImportProblems } from './import-problems.js';

const LONGEST_LINE = 1024 * 1024;

/** The lines of a text file without their ends, with their numbers from 1. */
export async function* readLines(
  file: ImportFile,
  problems: ImportProblems,
): AsyncGenerator<[text: string, line: number]> {
  const decoder = new TextDecoder();
  let line = 0;
  /** Of the line that has not ended yet; joined once, since a line may come in many pieces. */
  let pieces: string[] = [];
  let length = 0;
  for await (const bytes of file.content()) {
    const [first, ...others] = decoder.decode(bytes, { stream: true }).split('\n') as [string, ...string[]];
    pieces.push(first);
    length += first.length;
    for (const next of others) {
      yield [lineOf(pieces), ++line];
      [pieces, length] = [[next], next.length];
    }
    if (length > LONGEST_LINE) {
      const expected = `a text file with lines of at most ${LONGEST_LINE} characters`;
      problems.add({ file: file.name, line: line + 1, column: LONGEST_LINE + 1, expected });
      return;
    }
  }
  pieces.push(decoder.decode());
  const last = lineOf(pieces);
  if (last !== '') yield [last, line + 1];
}

function lineOf(pieces: readonly string[]): string {
  return pieces.join('').replace(/\r$/, '');
}
