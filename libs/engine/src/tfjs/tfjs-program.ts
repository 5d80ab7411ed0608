import { formatShape, type Graph, type GraphNode, type NodeOp, type Tensor } from '#graph';
import { checkFeeds, checkStateSet, checkTensors } from '../check-tensors.js';
import { ExecutorError, NotFiniteError, type Program, type Tensors } from '../executor.js';
import { settle } from '../settle.js';
import type { TfjsBackend } from './backends/backend.js';
import { LOGICAL, permutation } from './channels-last/axis-order.js';
import type { ChannelsLastGraph } from './channels-last/channels-last-graph.js';
import { findBroken } from './find-broken.js';
import { Kernels, type OpKernel, type TfTensor } from './ops/kernels.js';
import { schedule, type ScheduledNode } from './schedule.js';

/**
 * A graph on a TensorFlow.js backend. State and constants stay in the backend's memory between runs; what a run makes is
 * disposed of as soon as its last reader has run. Runs block the event loop: the kernels are synchronous.
 */
export class TfjsProgram implements Program {
  /** With the names and shapes that callers use. */
  readonly #graph: Graph;
  readonly #laidOut: ChannelsLastGraph;
  readonly #backend: TfjsBackend;
  readonly #kernels: Kernels;
  readonly #schedule: readonly ScheduledNode[];
  readonly #constants: Map<number, TfTensor>;
  readonly #state = new Map<string, TfTensor>();
  #disposed = false;

  constructor(graph: Graph, laidOut: ChannelsLastGraph, backend: TfjsBackend) {
    this.#graph = graph;
    this.#laidOut = laidOut;
    this.#backend = backend;
    this.#kernels = new Kernels(backend.tf);
    this.#schedule = schedule(laidOut);
    this.#activate();
    const constants = laidOut.constants.map(({ value, tensor }) => [value, this.#upload(tensor)] as const);
    this.#constants = new Map(constants);
  }

  setState(values: Tensors): Promise<void> {
    return settle(() => {
      this.#refuseDisposed();
      checkTensors('state', values, this.#graph.states);
      this.#activate();
      for (const [name, tensor] of Object.entries(values)) {
        this.#replace(
          name,
          this.#tidy(() => this.#laidOutState(name, tensor)),
        );
      }
    });
  }

  getState(): Promise<Record<string, Tensor>> {
    return settle(() => {
      this.#refuseDisposed();
      checkStateSet(this.#graph.states, Object.fromEntries(this.#state));
      this.#activate();
      const read = ({ name, shape }: { name: string; shape: readonly number[] }) => {
        const order = this.#laidOut.stateOrders.get(name);
        const state = this.#state.get(name)!;
        const logical = () => (order ? this.#kernels.transpose(state, permutation(order, LOGICAL)) : state);
        return [name, { shape, data: this.#read(logical) }] as const;
      };
      return Object.fromEntries(this.#graph.states.map(read));
    });
  }

  run(feeds: Tensors): Promise<Record<string, Tensor>> {
    return settle(() => {
      this.#refuseDisposed();
      checkFeeds(feeds, this.#graph.inputs);
      checkStateSet(this.#graph.states, Object.fromEntries(this.#state));
      this.#activate();
      const values = new Map<number, TfTensor>();
      try {
        return this.#step(feeds, values);
      } finally {
        for (const tensor of values.values()) tensor.dispose();
      }
    });
  }

  dispose(): Promise<void> {
    return settle(() => {
      this.#disposed = true;
      for (const tensor of [...this.#constants.values(), ...this.#state.values()]) tensor.dispose();
      this.#constants.clear();
      this.#state.clear();
    });
  }

  /** @param values filled with what the run makes and its caller is to dispose of */
  #step(feeds: Tensors, values: Map<number, TfTensor>): Record<string, Tensor> {
    for (const { name, value } of this.#laidOut.inputs) values.set(value, this.#upload(feeds[name]!));
    const kept = new Map(this.#constants);
    for (const { name, value } of this.#laidOut.states) kept.set(value, this.#state.get(name)!);
    const valueOf = (id: number): TfTensor => (values.get(id) ?? kept.get(id))!;
    for (const { node, lastReadHere } of this.#schedule) {
      values.set(node.output, this.#compute(node, node.inputs.map(valueOf)));
      for (const id of lastReadHere) {
        values.get(id)?.dispose();
        values.delete(id);
      }
    }
    const outputs = this.#laidOut.outputs.map(
      ({ name, value, shape }) => [name, { shape, data: this.#read(() => valueOf(value)) }] as const,
    );
    const tensors = Object.fromEntries(outputs);
    this.#takeNextState(valueOf, tensors);
    return tensors;
  }

  #compute(node: GraphNode, inputs: readonly TfTensor[]): TfTensor {
    try {
      return this.#tidy(() => {
        const kernel = this.#backend.ops[node.op] as OpKernel<NodeOp>;
        const output = kernel(this.#kernels, node, inputs);
        // Each value has a tensor of its own, so that each can be disposed of.
        return inputs.includes(output) ? this.#copy(output) : output;
      });
    } catch (error) {
      const shapes = inputs.map(({ shape }) => formatShape(shape)).join(', ');
      const reason = error instanceof Error ? error.message : String(error);
      const { name } = this.#backend;
      throw new ExecutorError(`tfjs ${name}: ${node.op} of ${shapes} failed: ${reason}`, { cause: error });
    }
  }

  #takeNextState(valueOf: (id: number) => TfTensor, outputs: Tensors): void {
    const changed = this.#laidOut.states.filter(({ value, next }) => value !== next);
    if (this.#backend.losesNaN) {
      this.#refuseLostNaN(new Map(changed.map(({ name, next }) => [name, valueOf(next)])), outputs);
    }
    // All are read before any is replaced: a state's next value may be another state.
    const next = changed.map(({ name, next: id }) => [name, this.#copy(valueOf(id))] as const);
    for (const [name, tensor] of next) this.#replace(name, tensor);
  }

  /** Where kernels lose a NaN a training that has diverged could go on for ever, its loss a number. */
  #refuseLostNaN(next: ReadonlyMap<string, TfTensor>, outputs: Tensors): void {
    const told = Object.values(outputs).some(({ data }) => !data.every(Number.isFinite));
    const broken = told ? undefined : findBroken(this.#kernels, next);
    if (broken === undefined) return;
    const { name } = this.#backend;
    throw new NotFiniteError(`tfjs ${name}: the run's next "${broken}" has a NaN or an infinity in it`);
  }

  #replace(name: string, tensor: TfTensor): void {
    this.#state.get(name)?.dispose();
    this.#state.set(name, tensor);
  }

  #laidOutState(name: string, tensor: Tensor): TfTensor {
    const given = this.#upload(tensor);
    const order = this.#laidOut.stateOrders.get(name);
    return order ? this.#kernels.transpose(given, order) : given;
  }

  /** A tensor of its own on the same memory, which is freed with the last of them. */
  #copy(x: TfTensor): TfTensor {
    return this.#kernels.run('Identity', { x });
  }

  /** Copies, since a backend may keep the array that it was given. */
  #upload({ shape, data }: Tensor): TfTensor {
    return this.#backend.tf.tensor(data.slice(), [...shape], 'float32');
  }

  #read(tensor: () => TfTensor): Float32Array {
    let data: Float32Array | undefined;
    this.#tidy(() => {
      data = Float32Array.from(tensor().dataSync<'float32'>());
    });
    return data!;
  }

  #tidy<T extends TfTensor | void>(compute: () => T): T {
    return this.#backend.tf.tidy(compute);
  }

  #activate(): void {
    const { tf, name } = this.#backend;
    // A backend that is set up is set before the promise is returned.
    if (tf.getBackend() !== name) void tf.setBackend(name);
  }

  #refuseDisposed(): void {
    if (this.#disposed) throw new ExecutorError('the program is disposed');
  }
}
