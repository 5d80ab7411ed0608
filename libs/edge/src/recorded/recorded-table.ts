import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ClockError } from '../clock-controller.js';

const SAMPLES = 'expected milliseconds above 0, at least one';
const NO_SAMPLES =
  'expected a list of samples in milliseconds, which GET /v1/latency-tables/{id} does not answer: ' +
  'take each cell from GET /v1/latency-tables/{id}/cells/{index}';

/** As much of cells as a replay needs, each as `GET /v1/latency-tables/{id}/cells/{index}` answers it. */
const Recorded = z.object({
  cells: z
    .array(
      z.object({
        operatingPoint: z.string().min(1),
        ratio: z.number().min(0).max(0.95),
        samplesMs: z.array(z.number(SAMPLES).positive(SAMPLES), NO_SAMPLES).min(1, SAMPLES),
      }),
    )
    .min(1, 'expected at least one cell'),
});

/** Latency samples that were recorded earlier, maybe on another device. */
export class RecordedTable {
  constructor(private readonly cells: z.infer<typeof Recorded>['cells']) {}

  get operatingPoints(): string[] {
    return [...new Set(this.cells.map((cell) => cell.operatingPoint))];
  }

  /** @throws ClockError telling which ratios were recorded at the point */
  samplesOf(operatingPoint: string, ratio: number): readonly number[] {
    const atPoint = this.cells.filter((cell) => cell.operatingPoint === operatingPoint);
    const cell = atPoint.find((candidate) => Math.abs(candidate.ratio - ratio) < 1e-9);
    if (cell) return cell.samplesMs;
    const ratios = atPoint.map((candidate) => candidate.ratio).join(', ');
    throw new ClockError(
      `ratio ${ratio} was not recorded at "${operatingPoint}"; recorded there: ${ratios || 'none'}`,
    );
  }
}

/** Reads JSON with the cells of a latency table. @throws ClockError naming the file, the field, and what was expected there */
export function readRecordedTable(file: string): RecordedTable {
  const parsed = Recorded.safeParse(jsonOf(file));
  if (parsed.success) return new RecordedTable(parsed.data.cells);
  const { path, message } = parsed.error.issues[0]!;
  throw new ClockError(`${file}: ${path.join('.') || 'the content'}: ${message}`);
}

function jsonOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (error) {
    const reason = (error as Error).message;
    throw new ClockError(`${file}: expected the cells of a latency table as JSON: ${reason}`, {
      cause: error,
    });
  }
}
