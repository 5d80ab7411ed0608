import type { Graph, GraphNode, Shape } from '#graph';
import { Emitter } from '../emitter.js';
import { blockedLayout, type BlockedLayout } from './blocked-layout.js';

/** Operators of onnxruntime's CPU provider over channel-blocked images. */
export const NCHWC_DOMAIN = 'com.microsoft.nchwc';

/** What a depthwise convolution can do in the same pass: add another tensor, then cut at 0 or at 0 and 6. */
export interface Fused {
  /** Blocked name of the summand, whose memory the result takes: nothing else may read it. */
  readonly sum?: string;
  readonly activation?: 'Relu' | 'Relu6';
}

/**
 * An emitter that holds images [N, C, H, W] in either of two layouts, and turns one into the other where a node needs
 * it: plain, or blocked as [N, C / block, H, W, block] with zeros in place of the channels that fill up the last block.
 * A blocked tensor's ONNX shape stays [N, padded C, H, W], so that element-wise operators take it as it is.
 */
export class BlockedEmitter extends Emitter {
  readonly #blocked = new Map<number, string>();
  readonly #deferred = new Map<number, (fused: Fused) => string>();
  readonly #plain = new Set<number>();
  readonly #readers = new Map<number, number>();
  readonly #onlyReader = new Map<number, GraphNode>();
  readonly #makers = new Map<number, GraphNode>();
  readonly #later = new Map<number, () => void>();
  readonly #dirty = new Set<number>();
  readonly #made = new Map<string, string>();

  constructor(
    graph: Graph,
    reservedNames: Iterable<string>,
    readonly block: number,
  ) {
    super(graph, reservedNames);
    const count = (value: number) => this.#readers.set(value, (this.#readers.get(value) ?? 0) + 1);
    for (const node of graph.nodes) {
      this.#makers.set(node.output, node);
      for (const input of node.inputs) {
        count(input);
        this.#onlyReader.set(input, node);
      }
    }
    for (const { value } of graph.outputs) count(value);
    for (const { next } of graph.states) count(next);
  }

  /** The plain tensor of a value. */
  override nameOf(value: number): string {
    const name = super.nameOf(value);
    const write = this.#later.get(value);
    this.#later.delete(value);
    write?.();
    if (this.isBlocked(value) && !this.#plain.has(value)) {
      this.#plain.add(value);
      this.#writePlain(value, name);
    }
    return name;
  }

  /** The blocked tensor of an image value. */
  blockedNameOf(value: number): string {
    const known = this.#blocked.get(value);
    if (known !== undefined) return known;
    const deferred = this.takeDeferred(value);
    const name = deferred ? deferred({}) : this.#reordered(value);
    if (!deferred) this.#plain.add(value);
    this.#blocked.set(value, name);
    return name;
  }

  /**
   * The same with zeros in the channels that fill a block up for sure. An operation that mixes channels must read this
   * one; whatever works channel by channel may leave in those channels what it finds there.
   */
  cleanNameOf(value: number): string {
    const name = this.blockedNameOf(value);
    if (!this.#dirty.delete(value)) return name;
    const channels = this.shapeOf(value)[1]!;
    const { fold, depth } = this.layoutOf(value);
    const weights = this.shared(`${fold} times ${channels} ones of ${depth}`, () => ({
      shape: [fold * depth, 1, 1, 1],
      data: Float32Array.from({ length: fold * depth }, (_, index) => Number(index % depth < channels)),
    }));
    const attributes = { group: fold * depth, kernel_shape: [1, 1] };
    const cleaned = this.emit('Conv', [name, weights], { domain: NCHWC_DOMAIN, attributes });
    this.#blocked.set(value, cleaned);
    return cleaned;
  }

  /** @param dirty whether the channels that fill a block up may hold other values than zero. */
  setBlocked(value: number, name: string, { dirty = false } = {}): void {
    this.#blocked.set(value, name);
    if (dirty) this.#dirty.add(value);
  }

  isDirty(value: number): boolean {
    return this.#dirty.has(value);
  }

  /** Puts off the writing of a plain value until something reads it. */
  writeLater(value: number, write: () => void): void {
    this.#later.set(value, write);
  }

  /** The node that makes a value; undefined for inputs, states and constants. */
  makerOf(value: number): GraphNode | undefined {
    return this.#makers.get(value);
  }

  /** Puts off the making of a value that one node reads: that node may do it in a pass with its own work. */
  defer(value: number, make: (fused: Fused) => string): void {
    this.#deferred.set(value, make);
  }

  /** The deferred value's maker, which the caller must call once. */
  takeDeferred(value: number): ((fused: Fused) => string) | undefined {
    const make = this.#deferred.get(value);
    this.#deferred.delete(value);
    return make;
  }

  isDeferred(value: number): boolean {
    return this.#deferred.has(value);
  }

  isBlocked(value: number): boolean {
    return this.#blocked.has(value) || this.#deferred.has(value);
  }

  /** The node that alone reads a value; undefined when there are more readers or it is a result of the graph. */
  onlyReaderOf(value: number): GraphNode | undefined {
    return this.#readers.get(value) === 1 ? this.#onlyReader.get(value) : undefined;
  }

  /** What `make` names, made once per key. */
  once(key: string, make: () => string): string {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const name = make();
    this.#made.set(key, name);
    return name;
  }

  layoutOf(value: number): BlockedLayout {
    return blockedLayout(this.shapeOf(value), this.block);
  }

  /** A blocked value with `fold` images to a set, as many as it has or a multiple. */
  foldedNameOf(value: number, fold: number, { clean = false } = {}): string {
    const name = clean ? this.cleanNameOf(value) : this.blockedNameOf(value);
    const layout = this.layoutOf(value);
    if (layout.fold === fold) return name;
    const [batch, , ...image] = this.shapeOf(value) as [number, number, number, number];
    return this.reshape(name, [batch / fold, fold * layout.depth, ...image]);
  }

  /** Makes a tensor with `fold` images to a set the blocked tensor of a value. */
  setFolded(value: number, name: string, fold: number, { dirty = false } = {}): void {
    const layout = this.layoutOf(value);
    const [, , ...image] = this.shapeOf(value) as [number, number, number, number];
    const own =
      layout.fold === fold ? name : this.reshape(name, [layout.sets, layout.fold * layout.depth, ...image]);
    this.setBlocked(value, own, { dirty });
  }

  /** One number per channel [C] as one per channel of a set. */
  perSet(name: string, channels: number, { fold, depth }: BlockedLayout): string {
    const filled = this.padTo(name, [channels], [depth]);
    if (fold === 1) return filled;
    return this.emit(
      'Concat',
      Array.from({ length: fold }, () => filled),
      { attributes: { axis: 0 } },
    );
  }

  reshape(name: string, shape: Shape): string {
    return this.emit('Reshape', [name, this.integers(shape)]);
  }

  transpose(name: string, perm: readonly number[]): string {
    return this.emit('Transpose', [name], { attributes: { perm } });
  }

  /** Zeros behind the given axes up to the given shape. */
  padTo(name: string, from: Shape, to: Shape): string {
    const after = to.map((side, axis) => side - from[axis]!);
    if (after.every((count) => count === 0)) return name;
    return this.emit('Pad', [name, this.integers([...from.map(() => 0), ...after])]);
  }

  /** The leading block of the given shape. */
  cutTo(name: string, from: Shape, to: Shape): string {
    const axes = [...to.keys()].filter((axis) => to[axis] !== from[axis]);
    if (axes.length === 0) return name;
    const bounds = [axes.map(() => 0), axes.map((axis) => to[axis]!), axes];
    return this.emit('Slice', [name, ...bounds.map((values) => this.integers(values))]);
  }

  /** The operator takes whole blocks alone. */
  #reordered(value: number): string {
    const shape = this.shapeOf(value);
    const [batch, , ...image] = shape as [number, number, number, number];
    const { fold, sets, depth } = this.layoutOf(value);
    const whole = this.padTo(this.nameOf(value), shape, [batch, depth, ...image]);
    const folded = fold === 1 ? whole : this.reshape(whole, [sets, fold * depth, ...image]);
    return this.emit('ReorderInput', [folded], { domain: NCHWC_DOMAIN });
  }

  #writePlain(value: number, output: string): void {
    const [batch, channels, ...image] = this.shapeOf(value) as [number, number, number, number];
    const { fold, depth } = this.layoutOf(value);
    const images = this.blockedNameOf(value);
    const reorder = (count: number, name?: string) =>
      this.emit('ReorderOutput', [images], {
        domain: NCHWC_DOMAIN,
        attributes: { channels: count },
        output: name,
      });
    if (fold === 1) {
      reorder(channels, output);
      return;
    }
    const whole = [batch, depth, ...image];
    const cut = this.cutTo(this.reshape(reorder(fold * depth), whole), whole, [batch, channels, ...image]);
    this.emit('Reshape', [cut, this.integers([batch, channels, ...image])], { output });
  }
}
