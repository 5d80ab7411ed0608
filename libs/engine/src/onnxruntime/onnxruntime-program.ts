import * as ort from 'onnxruntime-node';
import type { Graph, Tensor } from '#graph';
import { nextStateName } from '#onnx';
import { checkFeeds, checkStateSet, checkTensors } from '../check-tensors.js';
import { ExecutorError, type Program, type Tensors } from '../executor.js';
import { settle } from '../settle.js';

/** An onnxruntime session whose state outputs are fed back as they are, without a copy, at the next run. */
export class OnnxRuntimeProgram implements Program {
  readonly #graph: Graph;
  readonly #state: Record<string, ort.Tensor> = {};
  #session: ort.InferenceSession | undefined;
  #inFlight: Promise<ort.InferenceSession.ReturnType> | undefined;

  constructor(graph: Graph, session: ort.InferenceSession) {
    this.#graph = graph;
    this.#session = session;
  }

  setState(values: Tensors): Promise<void> {
    return settle(() => {
      checkTensors('state', values, this.#graph.states);
      for (const [name, { shape, data }] of Object.entries(values)) {
        this.#state[name] = new ort.Tensor('float32', data.slice(), shape);
      }
    });
  }

  getState(): Promise<Record<string, Tensor>> {
    return settle(() => {
      checkStateSet(this.#graph.states, this.#state);
      const entries = this.#graph.states.map(({ name }) => [name, copyOf(this.#state[name]!)] as const);
      return Object.fromEntries(entries);
    });
  }

  async run(feeds: Tensors): Promise<Record<string, Tensor>> {
    const session = this.#session;
    if (!session) throw new ExecutorError('the program is disposed');
    if (this.#inFlight) throw new ExecutorError('the program is running; wait for its last run to end');
    checkFeeds(feeds, this.#graph.inputs);
    checkStateSet(this.#graph.states, this.#state);
    const tensors: Record<string, ort.Tensor> = { ...this.#state };
    for (const [name, { shape, data }] of Object.entries(feeds)) {
      tensors[name] = new ort.Tensor('float32', data, shape);
    }
    this.#inFlight = session.run(tensors);
    try {
      return this.#take(await this.#inFlight);
    } finally {
      this.#inFlight = undefined;
    }
  }

  async dispose(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await this.#inFlight?.catch(() => {}); // its caller hears of the failure; freeing the session must wait for it
    await session?.release();
  }

  #take(results: ort.InferenceSession.ReturnType): Record<string, Tensor> {
    for (const { name, value, next } of this.#graph.states) {
      if (next !== value) this.#state[name] = results[nextStateName(name)] as ort.Tensor;
    }
    const outputs = this.#graph.outputs.map(
      ({ name }) => [name, copyOf(results[name] as ort.Tensor)] as const,
    );
    return Object.fromEntries(outputs);
  }
}

function copyOf(tensor: ort.Tensor): Tensor {
  return { shape: [...tensor.dims], data: Float32Array.from(tensor.data as Float32Array) };
}
