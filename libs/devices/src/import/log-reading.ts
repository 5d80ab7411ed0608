import type { LatencyUnit, StatedSummary } from '#contracts';
import type { ImportProblems } from './import-problems.js';
import { expectedTime, parseTimeMs } from './parse-values.js';

export type Line = readonly [text: string, line: number];

/** What the log of one run of a tool says: samples where it has them, else figures. */
export interface LogReading {
  readonly samplesMs: number[];
  readonly stated?: StatedSummary;
  readonly threads?: number | undefined;
  /** The lines that say it, from 1. */
  readonly first: number;
  readonly last: number;
}

const UNITS: Readonly<Record<string, LatencyUnit>> = { ns: 'ns', us: 'us', ms: 'ms', s: 's', sec: 's' };

/** Reads values of one log, and tells what is wrong with them by line and character. */
export class LogValues {
  constructor(
    private readonly file: string,
    private readonly problems: ImportProblems,
  ) {}

  /** A time that stands in a line; undefined after a problem was told. */
  timeMs([text, line]: Line, value: string, unit: string): number | undefined {
    const known = UNITS[unit];
    const wrong = known === undefined ? unit : value;
    const ms = known === undefined ? undefined : parseTimeMs(value, known);
    if (ms !== undefined) return ms;
    const expected = known === undefined ? `a unit of ${Object.keys(UNITS).join(', ')}` : expectedTime(known);
    this.wrong([text, line], wrong, expected);
    return undefined;
  }

  /** @param value what stands in the line; without one, the line itself is wrong */
  wrong([text, line]: Line, value: string | undefined, expected: string): void {
    const column = value === undefined ? 1 : text.lastIndexOf(value) + 1;
    this.problems.add({ file: this.file, line, column, value, expected });
  }
}
