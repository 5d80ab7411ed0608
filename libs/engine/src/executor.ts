import type { Graph, Tensor } from '#graph';

export type Tensors = Readonly<Record<string, Tensor>>;

/** `reference` is the float64 oracle of the tests; training uses the others. */
export type ExecutorName = 'onnxruntime' | 'tfjs' | 'reference';

/** What ran a program; goes into a job's provenance. */
export interface ExecutorInfo {
  readonly name: ExecutorName;
  /** What of the executor ran it: `cpu`, `webgpu`, `cuda`, `wasm`, ... */
  readonly provider: string;
  readonly version: string;
  readonly threads: number;
}

export interface ExecutorOptions {
  /** onnxruntime: `cuda`, `webgpu`, `cpu`; tfjs: `tensorflow-gpu`, `tensorflow`, `wasm`, `cpu`; default: `cpu`, of tfjs `wasm`. */
  readonly provider?: string;
  /** CPU threads of one program; default: one for each core that the process may use. The reference always uses one. */
  readonly threads?: number;
}

/** A compiled graph with the state tensors that it keeps between runs. */
export interface Program {
  /**
   * Sets state tensors by name; all of them before the first run.
   * @throws ExecutorError on an unknown name or a shape that differs.
   */
  setState(values: Tensors): Promise<void>;
  /** Copies of all state tensors. */
  getState(): Promise<Record<string, Tensor>>;
  /**
   * One run: feeds every input, replaces the state, returns the outputs by name.
   * @throws ExecutorError on a missing or unknown feed, a shape that differs or state never set; NotFiniteError from
   * engines that lose NaNs on the way to the outputs, when the next state has one.
   */
  run(feeds: Tensors): Promise<Record<string, Tensor>>;
  dispose(): Promise<void>;
}

export interface Executor {
  readonly info: ExecutorInfo;
  compile(graph: Graph): Promise<Program>;
}

export class ExecutorError extends Error {
  override readonly name: string = 'ExecutorError';
}

/** A run ended in a NaN or an infinity that none of its outputs shows: what is trained has diverged. */
export class NotFiniteError extends ExecutorError {
  /** Tells it apart for who knows engines as an interface alone. */
  override readonly name = 'NotFiniteError';
}

/** A provider that this machine cannot offer: says why, and what to install. */
export class ExecutorUnavailableError extends ExecutorError {
  override readonly name = 'ExecutorUnavailableError';
  readonly executor: string;
  readonly provider: string;
  readonly reason: string;
  readonly install: string | undefined;

  constructor(found: { executor: string; provider: string; reason: string; install?: string }) {
    const { executor, provider, reason, install } = found;
    super(
      `${executor} with provider "${provider}" is unavailable: ${reason}${install ? `; needs: ${install}` : ''}`,
    );
    this.executor = executor;
    this.provider = provider;
    this.reason = reason;
    this.install = install;
  }
}
