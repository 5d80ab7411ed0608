import type { StatedSummary } from '#contracts';
import { partOf, type Line, type LogReading, type LogValues, type Part } from './log-reading.js';

// Bounded between their words: a hostile line must not be searched from each of its ends to the other.
const TIMINGS =
  /[Ii]nference timings in (\w+):.{0,200}? (?:Inference \(avg\)|no stats|Inference): ([^\s,]+(?:,[^\s,]+)*)/d;
const STATISTICS = /\bcount=(\d+) .{0,100}\bcurr=/;
const MICROSECONDS: Part = { value: 'us', at: 0 };
const THREADS = /(?:\bnum threads|#threads used for CPU inference): \[(\d+)\]/i;
const EXPECTED =
  'the line "Inference timings in us: ..., Inference (avg): ..." of one run of benchmark_model';
/** Both lines print six digits. */
const SAME = 1e-4;

type Figures = Omit<StatedSummary, 'stated' | 'p50Ms' | 'p50Is'> & { medianMs?: number };

/**
 * The log of TensorFlow Lite's benchmark_model, plain or from logcat. It states figures in microseconds, in its line of
 * timings and in that of statistics before; newer versions state a median. There are no single runs in it.
 */
export async function readTfliteLog(
  lines: AsyncIterable<Line>,
  log: LogValues,
): Promise<LogReading | undefined> {
  let statistics: Line | undefined;
  let timings: Line | undefined;
  let threads: number | undefined;
  let last: Line = ['', 1];
  for await (const line of lines) {
    last = line;
    const [text] = line;
    if (TIMINGS.test(text)) {
      if (timings !== undefined) log.wrong(line, undefined, `${EXPECTED}; line ${timings[1]} has one`);
      timings ??= line;
    } else if (timings === undefined && STATISTICS.test(text)) statistics = line;
    const told = THREADS.exec(text)?.[1];
    if (told !== undefined && Number(told) >= 1) threads = Number(told);
  }
  if (timings === undefined) return void log.wrong(last, undefined, EXPECTED);
  return readingOf(timings, statistics, threads, log);
}

function readingOf(
  timings: Line,
  statistics: Line | undefined,
  threads: number | undefined,
  log: LogValues,
): LogReading | undefined {
  const match = TIMINGS.exec(timings[0])!;
  const meanMs = log.timeMs(timings, partOf(match, 2), partOf(match, 1));
  if (meanMs === undefined) return undefined;
  const found = statistics && figuresOf(statistics, log);
  // Of another run than the line of timings, where their means differ: a log that was cut, say.
  const isOfRun = found?.meanMs !== undefined && Math.abs(found.meanMs - meanMs) <= SAME * meanMs;
  const { medianMs, ...figures }: Figures = isOfRun ? found : {};
  const p50: Pick<StatedSummary, 'p50Ms' | 'p50Is'> =
    medianMs === undefined ? { p50Ms: meanMs, p50Is: 'mean' } : { p50Ms: medianMs, p50Is: 'median' };
  return {
    samplesMs: [],
    stated: { stated: true, ...p50, ...figures, meanMs },
    threads,
    first: isOfRun ? statistics![1] : timings[1],
    last: timings[1],
  };
}

/** `count=50 first=.. curr=.. min=.. max=.. avg=.. std=.. [p5=.. median=.. p95=..]`; equal runs have but `curr`. */
function figuresOf(line: Line, log: LogValues): Figures | undefined {
  const [text] = line;
  const find = (name: string) => new RegExp(` ${name}=([^\\s(]+)`, 'd').exec(text);
  const timeMs = (name: string) => {
    const match = find(name);
    return match === null ? undefined : log.timeMs(line, partOf(match, 1), MICROSECONDS);
  };
  const n = Number(STATISTICS.exec(text)![1]);
  const meanMs = timeMs('avg');
  if (meanMs === undefined) {
    const same = timeMs('curr');
    return same === undefined
      ? undefined
      : { n, meanMs: same, medianMs: same, stdMs: 0, minMs: same, maxMs: same };
  }
  const std = Number(find('std')?.[1]);
  const figures = {
    medianMs: timeMs('median'),
    p95Ms: timeMs('p95'),
    minMs: timeMs('min'),
    maxMs: timeMs('max'),
    stdMs: Number.isFinite(std) && std >= 0 ? std / 1e3 : undefined,
  };
  const there = Object.entries(figures).filter(([, value]) => value !== undefined);
  return { n, meanMs, ...(Object.fromEntries(there) as Partial<typeof figures>) };
}
