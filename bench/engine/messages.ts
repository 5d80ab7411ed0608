/** What the benchmark and a contestant say to each other, one JSON object a line. */

/** First answer of a contestant: it is ready. */
export interface Hello {
  /** Of what runs the steps. */
  readonly version: string;
  readonly threads: number;
  readonly [detail: string]: unknown;
}

export interface StepsRequest {
  readonly steps: number;
  /** No further step is begun once this is over. */
  readonly limitSeconds: number;
}

export interface StepsAnswer {
  readonly seconds: readonly number[];
  /** Of every step, one for each network that it trains. */
  readonly losses: readonly (readonly number[])[];
}

/** Argument of the process that runs our side. */
export interface EngineContestantOptions {
  readonly folder: string;
  readonly executor: string;
  readonly provider: string;
  readonly threads: number;
}

/** Argument of the process that runs PyTorch's side. */
export interface PyTorchContestantOptions {
  readonly folder: string;
  readonly layout: PyTorchLayout;
  readonly device: 'cpu' | 'cuda';
  readonly threads: number;
}

export type PyTorchLayout = 'nchw' | 'channels_last';
