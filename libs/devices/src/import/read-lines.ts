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
  let rest = '';
  for await (const bytes of file.content()) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop()!;
    for (const text of lines) yield [text.replace(/\r$/, ''), ++line];
    if (rest.length > LONGEST_LINE) {
      const expected = `a text file with lines of at most ${LONGEST_LINE} characters`;
      problems.add({ file: file.name, line: line + 1, column: LONGEST_LINE + 1, expected });
      return;
    }
  }
  rest += decoder.decode();
  if (rest !== '') yield [rest.replace(/\r$/, ''), line + 1];
}
