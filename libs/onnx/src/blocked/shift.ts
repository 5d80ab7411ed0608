import { NCHWC_DOMAIN, type BlockedEmitter } from './blocked-emitter.js';

/** A depthwise convolution that passes one tap of its window on. */
export interface Shift {
  /** With those that fill a block up. */
  readonly channels: number;
  /** [rows, columns] of the window. */
  readonly window: readonly [number, number];
  /** The tap, row by row. */
  readonly tap: number;
  readonly stride?: number;
  readonly dilation?: number;
  /** Zeros at the top, left, bottom and right. */
  readonly pads: readonly [number, number, number, number];
}

/**
 * Shifted, strided or padded blocked images. onnxruntime runs its Slice and Pad on one thread; this runs on all.
 */
export function shifted(emitter: BlockedEmitter, images: string, shift: Shift): string {
  const { channels, window, stride = 1, dilation = 1 } = shift;
  return emitter.emit('Conv', [images, oneHot(emitter, shift)], {
    domain: NCHWC_DOMAIN,
    attributes: {
      group: channels,
      kernel_shape: window,
      strides: [stride, stride],
      dilations: [dilation, dilation],
      pads: shift.pads,
    },
  });
}

function oneHot(emitter: BlockedEmitter, { channels, window, tap }: Shift): string {
  const taps = window[0] * window[1];
  const { block } = emitter;
  return emitter.shared(`one-hot ${channels} ${window.join('x')} ${tap}`, () => {
    const data = new Float32Array(channels * taps);
    for (let start = tap * block; start < data.length; start += taps * block) {
      data.fill(1, start, start + block);
    }
    return { shape: [channels, 1, ...window], data };
  });
}
