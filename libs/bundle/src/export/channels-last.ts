/** Weights in the axis order of TensorFlow, whose images are [batch, height, width, channels]. */
import type { Tensor } from '#graph';

/** Filters [out, in, k, k] as [k, k, in, out]. */
export function filtersChannelsLast({ shape, data }: Tensor): Tensor {
  const [filters, channels, kernel] = shape as [number, number, number, number];
  const taps = kernel * kernel;
  const moved = new Float32Array(data.length);
  for (let filter = 0; filter < filters; filter++) {
    for (let channel = 0; channel < channels; channel++) {
      const from = (filter * channels + channel) * taps;
      const to = channel * filters + filter;
      for (let tap = 0; tap < taps; tap++) moved[tap * filters * channels + to] = data[from + tap]!;
    }
  }
  return { shape: [kernel, kernel, channels, filters], data: moved };
}

/** Filters of a convolution with one group per channel, [out, 1, k, k], as [k, k, groups, out / groups]. */
export function depthwiseChannelsLast(filters: Tensor, groups: number): Tensor {
  const { shape, data } = filtersChannelsLast(filters);
  return { shape: [...shape.slice(0, 2), groups, shape[3]! / groups], data };
}

/** Filters of a convolution in groups, one tensor a group. */
export function filtersByGroup({ shape, data }: Tensor, groups: number): Tensor[] {
  const [filters, ...rest] = shape as [number, number, number, number];
  const size = data.length / groups;
  return Array.from({ length: groups }, (_, group) => ({
    shape: [filters / groups, ...rest],
    data: data.subarray(group * size, (group + 1) * size),
  }));
}
