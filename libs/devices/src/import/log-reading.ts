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

/** A part of a line, and where in it: from 0. */
export interface Part {
  readonly value: string;
  readonly at: number;
}

/** What a group of a match found; the pattern needs the flag `d`. */
export function partOf(match: RegExpExecArray, group: number): Part {
  return { value: match[group]!, at: match.indices![group]![0] };
}

/** Reads values of one log, and tells what is wrong with them by line and character. */
export class LogValues {
  constructor(
    private readonly file: string,
    private readonly problems: ImportProblems,
  ) {}

  /** A time that stands in a line; undefined after a problem was told. */
  timeMs(line: Line, time: Part, unit: Part): number | undefined {
    const known = UNITS[unit.value];
    if (known === undefined) {
      this.wrong(line, unit, `a unit of ${Object.keys(UNITS).join(', ')}`);
      return undefined;
    }
    const ms = parseTimeMs(time.value, known);
    if (ms === undefined) this.wrong(line, time, expectedTime(known));
    return ms;
  }

  /** @param part what is wrong in the line; without one, the line itself is */
  wrong([, line]: Line, part: Part | undefined, expected: string): void {
    const { value, at } = part ?? { value: undefined, at: 0 };
    this.problems.add({ file: this.file, line, column: at + 1, value, expected });
  }
}
