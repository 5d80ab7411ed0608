import type { StatedSummary } from '#contracts';
import { partOf, type Line, type LogReading, type LogValues, type Part } from './log-reading.js';

const AVERAGE = /^Average (?:inference )?time cost(?: total)?: ?(\S+) (\S+)\s*$/d;
const STATISTIC = /^(Min|Max|P50|P90|P95|P99) Latency(?: is|:) ?(-?[\w.,+-]*?\d) ?([a-z]+)\s*$/d;
const COUNT = /^(?:Total inference requests|Total iterations|Runs): ?(\d+)\s*$/;
const THREADS = /^Setting intra_op_num_threads to (\d+)/;
/** Printed with -v: seconds. */
const ITERATION = /^iteration:(\d+),time_cost:(\S+)\s*$/d;
/** A line of the result file: model, seconds, peak working set, CPU usage, run. */
const RESULT = /^[^,]*,([^,]+),\d+,-?\d+,(\d+)\s*$/d;
const SECONDS: Part = { value: 's', at: 0 };
const EXPECTED = 'what onnxruntime_perf_test prints ("Average inference time cost: ...") or its result file';

const FIELDS = {
  Min: 'minMs',
  Max: 'maxMs',
  P50: 'p50Ms',
  P90: 'p90Ms',
  P95: 'p95Ms',
  P99: 'p99Ms',
} as const;
type Figure = (typeof FIELDS)[keyof typeof FIELDS] | 'meanMs' | 'n';

/**
 * What onnxruntime_perf_test prints, or its result file. Single runs are in that file, and in the console output of -v;
 * without them a cell has the figures stated. A result file that several runs of the tool were appended to is refused.
 */
export async function readOnnxruntimeLog(
  lines: AsyncIterable<Line>,
  log: LogValues,
): Promise<LogReading | undefined> {
  const reader = new PerfTestReader(log);
  for await (const line of lines) reader.take(line);
  return reader.reading();
}

class PerfTestReader {
  private readonly figures = new Map<Figure, number>();
  private threads: number | undefined;
  /** By where they stand: a console log and a result file in one are the same runs twice. */
  private readonly samples = { iteration: [] as number[], result: [] as number[] };
  private span: { first: number; last: number } | undefined;
  private last: Line = ['', 1];

  constructor(private readonly log: LogValues) {}

  take(line: Line): void {
    this.last = line;
    const [text] = line;
    const result = RESULT.exec(text);
    const iteration = ITERATION.exec(text);
    if (result !== null) this.takeSample(line, 'result', partOf(result, 1), Number(result[2]));
    else if (iteration !== null)
      this.takeSample(line, 'iteration', partOf(iteration, 2), Number(iteration[1]) - 1);
    else this.takeFigure(line);
  }

  reading(): LogReading | undefined {
    const { iteration, result } = this.samples;
    const samplesMs = result.length > 0 ? result : iteration;
    const stated = samplesMs.length > 0 ? undefined : this.stated();
    if (this.span === undefined || (samplesMs.length === 0 && stated === undefined)) {
      this.log.wrong(this.last, undefined, EXPECTED);
      return undefined;
    }
    return { samplesMs, ...(stated && { stated }), threads: this.threads, ...this.span };
  }

  private takeSample(line: Line, kind: 'iteration' | 'result', value: Part, index: number): void {
    const samples = this.samples[kind];
    if (samples.length > 0 && index === 0) {
      this.log.wrong(line, undefined, 'the runs of one start of onnxruntime_perf_test; this is a second one');
    }
    const ms = this.log.timeMs(line, value, SECONDS);
    if (ms === undefined) return;
    samples.push(ms);
    this.note(line);
  }

  private takeFigure(line: Line): void {
    const [text] = line;
    const average = AVERAGE.exec(text);
    const statistic = STATISTIC.exec(text);
    const [, count] = COUNT.exec(text) ?? [];
    const [, threads] = THREADS.exec(text) ?? [];
    if (average !== null) this.takeTime(line, 'meanMs', partOf(average, 1), partOf(average, 2));
    else if (statistic !== null) {
      this.takeTime(
        line,
        FIELDS[statistic[1] as keyof typeof FIELDS],
        partOf(statistic, 2),
        partOf(statistic, 3),
      );
    } else if (count !== undefined && Number(count) >= 1) this.figures.set('n', Number(count));
    else if (threads !== undefined && Number(threads) >= 1) this.threads = Number(threads);
  }

  private takeTime(line: Line, figure: Figure, value: Part, unit: Part): void {
    const ms = this.log.timeMs(line, value, unit);
    if (ms === undefined) return;
    if (this.figures.has(figure)) {
      this.log.wrong(
        line,
        undefined,
        'the output of one start of onnxruntime_perf_test; this is a second one',
      );
    }
    this.figures.set(figure, ms);
    this.note(line);
  }

  private note([, line]: Line): void {
    this.span = { first: this.span?.first ?? line, last: line };
  }

  private stated(): StatedSummary | undefined {
    const figures: Partial<Record<Figure, number>> = Object.fromEntries(this.figures);
    const { p50Ms, meanMs } = figures;
    if (p50Ms !== undefined) return { stated: true, ...figures, p50Ms, p50Is: 'median' };
    return meanMs === undefined ? undefined : { stated: true, ...figures, p50Ms: meanMs, p50Is: 'mean' };
  }
}
