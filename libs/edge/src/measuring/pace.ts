import { coolDown } from './cool-down.js';
import type { MeasuringTools } from './measuring-tools.js';

/** Once a device has drifted it is worked for so long at a time: a board's chip heats up within seconds. */
const BURST_MS = 3_000;
const RESTS_PER_WORK = 2;

type Tools = Pick<MeasuringTools, 'runner' | 'time' | 'sysfsRoot'>;

/** How hard a device is worked, over all cells: without a break, or in bursts with time to cool down between them. */
export class Pace {
  /** Time spent on sampling; rests are left out. */
  sampledMs = 0;
  private restedAtMs = 0;
  /** Of the last samples. */
  private perSampleMs = 0;
  private inBursts = false;
  /** Before the first cell was sampled. */
  private coolC: number | undefined;

  /** @param coolDownSeconds how long the device is left alone at most, each time; 0 for never */
  constructor(
    private readonly tools: Tools,
    private readonly coolDownSeconds: number,
  ) {}

  /** Has the device rest between bursts from now on. */
  beCareful(): void {
    this.inBursts = this.coolDownSeconds > 0;
  }

  /** Tells the temperature in degrees Celsius before a cell: the first one told is what the device is to cool down to. */
  noteTemperature(temperatureC: number | undefined): void {
    this.coolC ??= temperatureC;
  }

  /** Leaves the device alone until it is as cool as at first. */
  async coolDown(): Promise<void> {
    await coolDown(this.coolC, this.coolDownSeconds, this.tools);
    this.restedAtMs = this.sampledMs;
  }

  /** Milliseconds per run, one for each sample, as `NetworkRunner` takes them. */
  async sample(runsPerSample: number, samples: number): Promise<number[]> {
    if (!this.inBursts) return this.work(runsPerSample, samples);
    const samplesMs: number[] = [];
    while (samplesMs.length < samples) {
      const workedMs = this.sampledMs - this.restedAtMs;
      const fitting = Math.floor((BURST_MS - workedMs) / Math.max(1, this.perSampleMs));
      if (fitting < 1 && workedMs > 0) {
        await this.rest(workedMs);
        continue;
      }
      const count = Math.max(1, Math.min(fitting, samples - samplesMs.length));
      samplesMs.push(...(await this.work(runsPerSample, count)));
    }
    return samplesMs;
  }

  /** Where no temperature shows how long is long enough, twice as long as it worked. */
  private async rest(workedMs: number): Promise<void> {
    const longest = this.coolC === undefined ? (RESTS_PER_WORK * workedMs) / 1000 : Infinity;
    await coolDown(this.coolC, Math.min(this.coolDownSeconds, longest), this.tools);
    this.restedAtMs = this.sampledMs;
  }

  private async work(runsPerSample: number, samples: number): Promise<number[]> {
    const { runner, time } = this.tools;
    const beganMs = time.nowMs();
    const samplesMs = await runner.sample({ runsPerSample, samples });
    const tookMs = time.nowMs() - beganMs;
    this.sampledMs += tookMs;
    this.perSampleMs = tookMs / samples;
    return samplesMs;
  }
}
