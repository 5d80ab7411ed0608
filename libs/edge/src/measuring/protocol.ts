/** How cells are measured; the words of the contract's protocol. */
export interface EdgeProtocol {
  /** Images in one run. */
  readonly batch: number;
  readonly threads: number;
  /** At least as many samples are dropped while the network warms up; 0 drops none. */
  readonly warmupSamples: number;
  /** At least as many are kept. */
  readonly samples: number;
  /** A sample is as many runs as last this long at the fastest clock. */
  readonly minSampleMs: number;
  /** Enough samples are there when the 95 % interval of the median is at most this wide, relative to the median. */
  readonly relativeInterval: number;
  readonly maxSamples: number;
  /** No further samples are taken after this long. */
  readonly cellSeconds: number;
  /** The reference cell is measured again after so many cells; 0 for never. */
  readonly referenceEveryCells: number;
  readonly referenceEveryMinutes: number;
  /** A relative change of the reference cell's median beyond this is drift. */
  readonly driftLimit: number;
  /** How long the device may be left to cool down at a time. */
  readonly coolDownSeconds: number;
}
