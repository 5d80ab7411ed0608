/** What the agent asks of the measured process over IPC, one question at a time, and how that answers. */

export interface LoadRequest {
  readonly type: 'load';
  readonly file: string;
  readonly batch: number;
  readonly threads: number;
}

/** Asks how many runs last `minSampleMs` at the clock of the moment. */
export interface SizeRequest {
  readonly type: 'size';
  readonly minSampleMs: number;
}

export interface SampleRequest {
  readonly type: 'sample';
  readonly runsPerSample: number;
  readonly samples: number;
}

export type MeasuredRequest = LoadRequest | SizeRequest | SampleRequest;

export interface LoadedAnswer {
  readonly runnerVersion: string;
}

export interface SizeAnswer {
  readonly runsPerSample: number;
}

export interface SampleAnswer {
  /** Milliseconds per run of one batch, in the order measured. */
  readonly samplesMs: number[];
}

export type MeasuredReply<T> =
  { readonly ok: true; readonly answer: T } | { readonly ok: false; readonly error: string };
