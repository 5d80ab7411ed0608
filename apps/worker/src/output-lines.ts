import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Characters of a line that are passed on. */
const LONGEST_LINE = 4096;
/** Lines that are kept for whoever asks how it ended. */
const KEPT_LINES = 20;

/** What a process writes, line by line. */
export class OutputLines {
  private readonly kept: string[] = [];

  /** @param onLine told of every line that is not empty, cut where it is very long */
  constructor(stream: Readable, onLine: (line: string) => void) {
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => {
      if (line.trim() === '') return;
      const shown = line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)} …` : line;
      this.kept.push(shown);
      if (this.kept.length > KEPT_LINES) this.kept.shift();
      onLine(shown);
    });
  }

  /** The last lines; empty where nothing was written. */
  tail(): string {
    return this.kept.join('\n');
  }
}
