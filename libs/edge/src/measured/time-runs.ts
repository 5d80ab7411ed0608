import type { SampleRequest } from './messages.js';

type Run = () => Promise<void>;

/** Milliseconds that `count` runs back to back take. */
async function elapsedMs(run: Run, count: number): Promise<number> {
  const startedMs = performance.now();
  for (let i = 0; i < count; i++) await run();
  return performance.now() - startedMs;
}

/** Other work on the machine only ever makes runs longer: the fastest of some repeats is nearest to the real speed. */
async function fastestMs(run: Run, count: number): Promise<number> {
  let fastest = Infinity;
  for (let i = 0; i < 3; i++) fastest = Math.min(fastest, await elapsedMs(run, count));
  return fastest;
}

/** A network this fast would measure the timer and the loop around it; more runs would not make it better. */
const MAX_RUNS = 10_000;

/** How many runs last at least `minSampleMs`, found by doubling; the first run only warms up. */
export async function sizeSample(run: Run, minSampleMs: number): Promise<number> {
  await run();
  for (let count = 1; count < MAX_RUNS; count *= 2) {
    const tookMs = await elapsedMs(run, count);
    if (tookMs < minSampleMs / 2) continue;
    const perRunMs = Math.min(tookMs, await fastestMs(run, count)) / count;
    return Math.min(MAX_RUNS, Math.max(1, Math.ceil(minSampleMs / perRunMs)));
  }
  return MAX_RUNS;
}

/** Samples in milliseconds per run, in the order measured. */
export async function takeSamples(run: Run, { runsPerSample, samples }: SampleRequest): Promise<number[]> {
  const taken: number[] = [];
  for (let i = 0; i < samples; i++) taken.push((await elapsedMs(run, runsPerSample)) / runsPerSample);
  return taken;
}
