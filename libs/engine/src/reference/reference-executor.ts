import type { Graph, Tensor } from '#graph';
import { checkFeeds, checkStateSet, checkTensors } from '../check-tensors.js';
import { ExecutorError, type Executor, type Program, type Tensors } from '../executor.js';
import { settle } from '../settle.js';
import { evaluate } from './evaluate.js';
import type { Tensor64 } from './tensor64.js';

/** Runs graphs in plain float64 loops: slow and obvious, the oracle of the other executors. */
export function createReferenceExecutor(): Executor {
  return {
    info: { name: 'reference', provider: 'javascript', version: process.versions.v8, threads: 1 },
    compile: (graph) => Promise.resolve(new ReferenceProgram(graph)),
  };
}

/** Keeps its state in float64; float32 only where tensors go in and out. */
class ReferenceProgram implements Program {
  readonly #graph: Graph;
  #state: Record<string, Tensor64> = {};
  #disposed = false;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  setState(values: Tensors): Promise<void> {
    return settle(() => {
      checkTensors('state', values, this.#graph.states);
      for (const [name, { shape, data }] of Object.entries(values)) {
        this.#state[name] = { shape, data: Float64Array.from(data) };
      }
    });
  }

  getState(): Promise<Record<string, Tensor>> {
    return settle(() => {
      checkStateSet(this.#graph.states, this.#state);
      return float32(this.#state);
    });
  }

  run(feeds: Tensors): Promise<Record<string, Tensor>> {
    return settle(() => {
      if (this.#disposed) throw new ExecutorError('the program is disposed');
      checkFeeds(feeds, this.#graph.inputs);
      checkStateSet(this.#graph.states, this.#state);
      const { outputs, next } = evaluate(this.#graph, { ...this.#state, ...feeds });
      this.#state = next;
      return float32(outputs);
    });
  }

  dispose(): Promise<void> {
    return settle(() => {
      this.#disposed = true;
    });
  }
}

function float32(tensors: Readonly<Record<string, Tensor64>>): Record<string, Tensor> {
  const entries = Object.entries(tensors).map(
    ([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }] as const,
  );
  return Object.fromEntries(entries);
}
