import { sizeSample, takeSamples } from './time-runs.js';

/** A run that keeps the CPU busy for a while, counting. */
function busyRun(ms: number) {
  const counted = { runs: 0 };
  const run = () => {
    counted.runs++;
    const until = performance.now() + ms;
    while (performance.now() < until);
    return Promise.resolve();
  };
  return { run, counted };
}

describe('the size of a sample', () => {
  it('is as many runs as last the time asked for', async () => {
    const runs = await sizeSample(busyRun(2).run, 40);
    // 20, or fewer where other work on the machine lengthens a run.
    expect(runs).toBeGreaterThan(4);
    expect(runs).toBeLessThanOrEqual(20);
  });

  it('is one run where one lasts long enough, or nothing is asked for', async () => {
    expect(await sizeSample(busyRun(20).run, 10)).toBe(1);
    expect(await sizeSample(busyRun(0.1).run, 0)).toBe(1);
  });

  it('has a limit for networks that take no time', async () => {
    expect(await sizeSample(() => Promise.resolve(), 60_000)).toBe(10_000);
  });
});

it('samples are per run', async () => {
  const { run, counted } = busyRun(2);
  const startedMs = performance.now();
  const samples = await takeSamples(run, { type: 'sample', runsPerSample: 5, samples: 3 });
  expect(samples).toHaveLength(3);
  expect(counted.runs).toBe(15);
  for (const ms of samples) expect(ms).toBeGreaterThanOrEqual(2);
  const sampledMs = samples.reduce((sum, ms) => sum + ms * 5, 0);
  expect(sampledMs).toBeLessThan(performance.now() - startedMs);
});
