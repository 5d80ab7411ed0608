import * as ort from 'onnxruntime-node';
import type { Graph, Tensor } from '#graph';
import { nextStateName } from '#onnx';
import { checkFeeds, checkStateSet, checkTensors } from '../check-tensors.js';
import { ExecutorError, type Program, type Tensors } from '../executor.js';
import type { StateCopies } from './state-copies.js';

/** An onnxruntime session whose state outputs are fed back as they are at the next run, from a GPU's memory too. */
export class OnnxRuntimeProgram implements Program {
  readonly #graph: Graph;
  readonly #copies: StateCopies | undefined;
  #state: Record<string, ort.Tensor> = {};
  #session: ort.InferenceSession | undefined;
  #inFlight: Promise<Record<string, Tensor>> | undefined;

  /** @param copies to and from the GPU, where the session keeps the state there */
  constructor(graph: Graph, session: ort.InferenceSession, copies?: StateCopies) {
    this.#graph = graph;
    this.#session = session;
    this.#copies = copies;
  }

  async setState(values: Tensors): Promise<void> {
    checkTensors('state', values, this.#graph.states);
    const tensors = Object.entries(values).map(
      ([name, { shape, data }]) => [name, new ort.Tensor('float32', data.slice(), shape)] as const,
    );
    if (this.#inFlight) await this.#inFlightEnded();
    for (const [name, tensor] of tensors) this.#replace(name, tensor);
  }

  async getState(): Promise<Record<string, Tensor>> {
    await this.#inFlightEnded();
    checkStateSet(this.#graph.states, this.#state);
    const state = this.#copies ? await this.#copies.copyTo('cpu', this.#state) : this.#state;
    return Object.fromEntries(this.#graph.states.map(({ name }) => [name, copyOf(state[name]!)] as const));
  }

  async run(feeds: Tensors): Promise<Record<string, Tensor>> {
    if (!this.#session) throw new ExecutorError('the program is disposed');
    if (this.#inFlight) throw new ExecutorError('the program is running; wait for its last run to end');
    checkFeeds(feeds, this.#graph.inputs);
    checkStateSet(this.#graph.states, this.#state);
    this.#inFlight = this.#step(this.#session, feeds);
    try {
      return await this.#inFlight;
    } finally {
      this.#inFlight = undefined;
    }
  }

  async dispose(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await this.#inFlightEnded();
    // Before the sessions: the memory of tensors on a GPU goes back to one of them.
    for (const tensor of Object.values(this.#state)) tensor.dispose();
    this.#state = {};
    await this.#copies?.release();
    await session?.release();
  }

  /** A run reads the state's memory until it ends. Of its failure its caller hears. */
  async #inFlightEnded(): Promise<void> {
    await this.#inFlight?.catch(() => {});
  }

  async #step(session: ort.InferenceSession, feeds: Tensors): Promise<Record<string, Tensor>> {
    await this.#moveStateToGpu();
    const tensors: Record<string, ort.Tensor> = { ...this.#state };
    for (const [name, { shape, data }] of Object.entries(feeds)) {
      tensors[name] = new ort.Tensor('float32', data, shape);
    }
    const results = await session.run(tensors);
    for (const { name, value, next } of this.#graph.states) {
      if (next !== value) this.#replace(name, results[nextStateName(name)] as ort.Tensor);
    }
    const outputs = this.#graph.outputs.map(({ name }) => [name, copyOf(results[name]!)] as const);
    return Object.fromEntries(outputs);
  }

  /** What was set since the last run: else a state that no run replaces would be sent again for each of them. */
  async #moveStateToGpu(): Promise<void> {
    if (!this.#copies || Object.values(this.#state).every(({ location }) => location !== 'cpu')) return;
    const moved = await this.#copies.copyTo('gpu-buffer', this.#state);
    for (const [name, tensor] of Object.entries(moved)) this.#replace(name, tensor);
  }

  #replace(name: string, tensor: ort.Tensor): void {
    // Memory of a GPU is not the garbage collector's to know: without this a training would fill it.
    this.#state[name]?.dispose();
    this.#state[name] = tensor;
  }
}

function copyOf(tensor: ort.OnnxValue): Tensor {
  const { dims, data } = tensor;
  return { shape: [...dims], data: Float32Array.from(data as Float32Array) };
}
