export interface ImageBatch {
  /** `[batch, channels, height, width]`, normalised by the training set's mean and deviation per channel. */
  readonly images: Float32Array<ArrayBuffer>;
  /** `[batch]`. */
  readonly labels: Uint8Array<ArrayBuffer>;
}

/** A batch whose entries from `count` on are padding: zero images with label 0. */
export type TestBatch = ImageBatch & { readonly count: number };
