/** A network to time: the file, and which ratio of the task it is. */
export interface NetworkToRun {
  readonly file: string;
  readonly ratio: number;
  /** Images in one run. */
  readonly batch: number;
  readonly threads: number;
}

export interface SamplesToTake {
  readonly runsPerSample: number;
  readonly samples: number;
}

/** Runs one network at a time and says how long it took; one request at a time. */
export interface NetworkRunner {
  /** What runs the networks, for the provenance of samples: `onnxruntime-node`. */
  readonly name: string;
  /** The process whose CPU time a clock controller may take. */
  readonly pid: number;
  /** Replaces the network. */
  load(network: NetworkToRun): Promise<{ readonly runnerVersion: string }>;
  /** How many runs back to back last `minSampleMs` at the clock of the moment. */
  runsLasting(minSampleMs: number): Promise<number>;
  /** Milliseconds per run, one for each sample of `runsPerSample` runs. */
  sample(samples: SamplesToTake): Promise<number[]>;
  /** Ends it at once; a request under way fails. */
  stop(): Promise<void>;
}
