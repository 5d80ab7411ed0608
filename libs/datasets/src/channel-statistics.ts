import type { ImageShape } from '#network';

export interface ChannelStatistics {
  /** Per channel, of pixels scaled to 0..1. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Counts pixel values per channel as images stream by: the sums of 256 counts are exact, whatever their number. */
export class ChannelHistograms {
  readonly #counts: readonly Float64Array[];
  readonly #plane: number;
  #position = 0;

  constructor({ channels, height, width }: ImageShape) {
    this.#counts = Array.from({ length: channels }, () => new Float64Array(256));
    this.#plane = height * width;
  }

  /** @param pixels the next ones of `[count, channels, height, width]`, as many as there happen to be */
  add(pixels: Uint8Array): void {
    for (let start = 0; start < pixels.length;) {
      const plane = Math.floor(this.#position / this.#plane);
      const count = this.#counts[plane % this.#counts.length]!;
      const end = Math.min(pixels.length, start + (plane + 1) * this.#plane - this.#position);
      for (let i = start; i < end; i++) count[pixels[i]!]! += 1;
      this.#position += end - start;
      start = end;
    }
  }

  /** Mean and standard deviation per channel of what was added, of pixels scaled to 0..1. */
  statistics(): ChannelStatistics {
    const channels = this.#counts.map(statisticsOf);
    return { mean: channels.map((c) => c.mean), std: channels.map((c) => c.std) };
  }
}

function statisticsOf(histogram: Float64Array): { mean: number; std: number } {
  let total = 0;
  let sum = 0;
  let squares = 0;
  histogram.forEach((count, value) => {
    total += count;
    sum += count * value;
    squares += count * value * value;
  });
  const mean = sum / total;
  const variance = Math.max(0, squares / total - mean * mean);
  return { mean: mean / 255, std: Math.sqrt(variance) / 255 };
}
