import type { ImageShape } from '#network';

export interface ChannelStatistics {
  /** Per channel, of pixels scaled to 0..1. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Mean and standard deviation per channel of `images` `[count, channels, height, width]` (0..255), scaled to 0..1. */
export function channelStatistics(images: Uint8Array, shape: ImageShape): ChannelStatistics {
  const channels = histograms(images, shape).map(statisticsOf);
  return { mean: channels.map((c) => c.mean), std: channels.map((c) => c.std) };
}

/** Counting the 256 values makes the sums exact, whatever the number of pixels. */
function histograms(images: Uint8Array, { channels, height, width }: ImageShape): Float64Array[] {
  const counts = Array.from({ length: channels }, () => new Float64Array(256));
  const plane = height * width;
  for (let start = 0, c = 0; start < images.length; start += plane, c = (c + 1) % channels) {
    const count = counts[c]!;
    for (let i = start; i < start + plane; i++) count[images[i]!]! += 1;
  }
  return counts;
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
