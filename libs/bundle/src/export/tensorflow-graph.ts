/** A TensorFlow `GraphDef` as JSON, with the values of its constants beside it. */
import type { ValueNames } from './plain-network.js';

export interface TensorFlowAttribute {
  readonly s?: string;
  readonly i?: string;
  readonly f?: number;
  readonly b?: boolean;
  readonly type?: string;
  readonly shape?: TensorFlowShape;
  readonly list?: { readonly i: readonly string[] };
  readonly tensor?: { readonly dtype: string; readonly tensorShape: TensorFlowShape };
}

export interface TensorFlowShape {
  readonly dim: readonly { readonly size: string }[];
}

export interface TensorFlowNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr: Attributes;
}

export type Attributes = Readonly<Record<string, TensorFlowAttribute>>;

export interface TensorFlowConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

export const shapeOf = (sides: readonly number[]): TensorFlowShape => ({
  dim: sides.map((side) => ({ size: String(side) })),
});
/** Strings of a `GraphDef` are bytes, which JSON has as base64. */
export const text = (value: string): TensorFlowAttribute => ({ s: Buffer.from(value).toString('base64') });
export const ints = (values: readonly number[]): TensorFlowAttribute => ({ list: { i: values.map(String) } });
export const int = (value: number): TensorFlowAttribute => ({ i: String(value) });
export const no: TensorFlowAttribute = { b: false };
export const FLOAT: TensorFlowAttribute = { type: 'DT_FLOAT' };
export const INTEGER: TensorFlowAttribute = { type: 'DT_INT32' };
/** Of images: [batch, height, width, channels]. */
export const CHANNELS_LAST = { data_format: text('NHWC') };

/** Collects nodes and constants. */
export class TensorFlowGraph {
  readonly nodes: TensorFlowNode[] = [];
  readonly constants: TensorFlowConstant[] = [];
  readonly #names: ValueNames;

  constructor(names: ValueNames) {
    this.#names = names;
  }

  /** A node and its result, which have one name. */
  named(name: string, op: string, input: readonly string[], attr: Attributes = {}): string {
    this.nodes.push({ name, op, input, attr: { T: FLOAT, ...attr } });
    return name;
  }

  /** A node on the way to a layer's result. */
  step(layer: string, op: string, input: readonly string[], attr: Attributes = {}): string {
    return this.named(this.unused(`${layer}.${op}`), op, input, attr);
  }

  unused(name: string): string {
    return this.#names.unused(name);
  }

  constant(wanted: string, { shape, data }: Omit<TensorFlowConstant, 'name'>): string {
    const name = this.unused(wanted);
    const dtype = data instanceof Float32Array ? 'DT_FLOAT' : 'DT_INT32';
    this.constants.push({ name, shape, data });
    const attr = { dtype: { type: dtype }, value: { tensor: { dtype, tensorShape: shapeOf(shape) } } };
    this.nodes.push({ name, op: 'Const', attr });
    return name;
  }

  integers(wanted: string, values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.constant(wanted, { shape, data: Int32Array.from(values) });
  }
}
