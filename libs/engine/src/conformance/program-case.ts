import type { Graph, Tensor } from '#graph';

/** A graph with everything that a few runs of it need. */
export interface ProgramCase {
  readonly name: string;
  readonly graph: () => Graph;
  /** First values, by name. */
  readonly states: Readonly<Record<string, Tensor>>;
  /** The feeds of every run. */
  readonly runs: readonly Readonly<Record<string, Tensor>>[];
}
