import type { Graph, Tensor } from '#graph';

export type Tensors = Readonly<Record<string, Tensor>>;

/** What ran a program; goes into a job's provenance. */
export interface ExecutorInfo {
  /** `onnxruntime` or `reference`. */
  readonly name: string;
  readonly provider: string;
  readonly version: string;
  readonly threads: number;
}

export interface ExecutorOptions {
  /** Threads of one program; default: all that the process may use. The reference always uses one. */
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
   * @throws ExecutorError on a missing or unknown feed, a shape that differs or state never set.
   */
  run(feeds: Tensors): Promise<Record<string, Tensor>>;
  dispose(): Promise<void>;
}

export interface Executor {
  readonly info: ExecutorInfo;
  compile(graph: Graph): Promise<Program>;
}

export class ExecutorError extends Error {
  override readonly name = 'ExecutorError';
}
