import type { StatedSummary } from '#contracts';
import type { ImportProblems } from './import-problems.js';

/** Bounds what one import holds in memory: 8 bytes a sample. */
const MOST_SAMPLES = 4_000_000;
const MOST_CELL_SAMPLES = 1_000_000;

/** Where in a file something stands. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: string | number;
}

/** What neither the table nor the cell's figures say. */
export interface Circumstances {
  readonly threads?: number | undefined;
  readonly batch?: number | undefined;
}

export interface CollectedCell extends Circumstances {
  readonly operatingPoint: string;
  readonly ratio: number;
  readonly samplesMs: number[];
  readonly stated?: StatedSummary;
  readonly file: string;
  readonly lines: { first: number; last: number };
}

/** The cells that files bring, by operating point and ratio. */
export class CellCollector {
  private readonly cells = new Map<string, Map<number, CollectedCell>>();
  private samples = 0;

  constructor(private readonly problems: ImportProblems) {}

  /** One more sample of a cell. */
  addSample(
    operatingPoint: string,
    ratio: number,
    ms: number,
    { threads, batch, ...place }: Place & Circumstances,
  ): void {
    const cell =
      this.find(operatingPoint, ratio) ??
      this.put({ operatingPoint, ratio, samplesMs: [], threads, batch, ...spanOf(place) });
    cell.lines.last = Math.max(cell.lines.last, place.line);
    cell.samplesMs.push(ms);
    this.samples++;
    if (cell.threads !== threads) this.differs(cell, 'threads', threads, place);
    if (cell.batch !== batch) this.differs(cell, 'batch', batch, place);
    if (this.samples > MOST_SAMPLES) this.tooMany(place, `${MOST_SAMPLES} samples in all`);
    if (cell.samplesMs.length > MOST_CELL_SAMPLES) {
      this.tooMany(place, `${MOST_CELL_SAMPLES} samples of one cell`);
    }
  }

  /** A whole cell, of which the files may say no more. */
  addCell(cell: Omit<CollectedCell, 'lines' | 'file'>, place: Place, lastLine = place.line): void {
    const { operatingPoint, ratio } = cell;
    const before = this.find(operatingPoint, ratio);
    if (before === undefined) {
      const { file, lines } = spanOf(place);
      this.put({ ...cell, file, lines: { ...lines, last: lastLine } });
      return;
    }
    const value = `${operatingPoint}, ratio ${ratio}`;
    const where = `${before.file}, line ${before.lines.first}, has this one`;
    this.problems.add({ ...place, value, expected: `each cell once; ${where}` });
  }

  all(): CollectedCell[] {
    return [...this.cells.values()].flatMap((row) => [...row.values()]);
  }

  private find(operatingPoint: string, ratio: number): CollectedCell | undefined {
    return this.cells.get(operatingPoint)?.get(ratio);
  }

  private put(cell: CollectedCell): CollectedCell {
    const row = this.cells.get(cell.operatingPoint) ?? new Map<number, CollectedCell>();
    this.cells.set(cell.operatingPoint, row.set(cell.ratio, cell));
    return cell;
  }

  private differs(
    cell: CollectedCell,
    column: keyof Circumstances,
    value: number | undefined,
    { file, line }: Place,
  ): void {
    const expected = `${cell[column] ?? 'nothing'} as in the cell's line ${cell.lines.first}`;
    this.problems.add({ file, line, column, value: String(value ?? ''), expected });
  }

  private tooMany(place: Place, limit: string): void {
    this.problems.add({ ...place, expected: `at most ${limit}` });
    this.problems.refuseAny(); // what comes next would be kept in memory too
  }
}

function spanOf({ file, line }: Place): Pick<CollectedCell, 'file' | 'lines'> {
  return { file, lines: { first: line, last: line } };
}
