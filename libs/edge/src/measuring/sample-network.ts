import type { Pace } from './pace.js';
import type { EdgeProtocol } from './protocol.js';
import { nextSamples, relativeIntervalOf, samplingEnd, type SamplingEnd } from './sampling-end.js';
import { isSteady, warmupLeft } from './warm-up.js';

/** How the samples of a cell were taken. */
export interface Sampling {
  readonly endedBy: SamplingEnd;
  /** Width of the 95 % interval of the median, relative to the median. */
  readonly relativeInterval: number;
  /** Dropped while it warmed up. */
  readonly warmupSamples: number;
  /** Whether it was steady when warming up ended; false also where warming up was not asked for. */
  readonly steady: boolean;
}

export interface SampledNetwork {
  /** Milliseconds per run of one batch, in the order measured. */
  readonly samplesMs: number[];
  readonly sampling: Sampling;
}

/** Warms the loaded network up until it is steady, then samples it until the median is known well enough. */
export async function sampleNetwork(
  pace: Pick<Pace, 'sample' | 'sampledMs'>,
  runsPerSample: number,
  protocol: EdgeProtocol,
): Promise<SampledNetwork> {
  const warmup: number[] = [];
  for (let left = protocol.warmupSamples; left > 0; left = warmupLeft(warmup, protocol)) {
    warmup.push(...(await pace.sample(runsPerSample, left)));
  }
  const beganMs = pace.sampledMs;
  const samplesMs: number[] = [];
  for (;;) {
    const elapsedSeconds = (pace.sampledMs - beganMs) / 1000;
    const endedBy = samplingEnd(samplesMs, elapsedSeconds, protocol);
    if (endedBy !== undefined) {
      const steady = isSteady(warmup, protocol);
      const relativeInterval = relativeIntervalOf(samplesMs);
      return { samplesMs, sampling: { endedBy, relativeInterval, warmupSamples: warmup.length, steady } };
    }
    const samples = nextSamples(samplesMs.length, elapsedSeconds, protocol);
    samplesMs.push(...(await pace.sample(runsPerSample, samples)));
  }
}
