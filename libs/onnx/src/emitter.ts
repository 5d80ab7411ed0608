import type { Graph, Shape, Tensor } from '#graph';
import type { AttributeValue, OnnxInitializer, OnnxNode } from './model.js';

/** A plain number is an integer. */
export type Attribute =
  number | readonly number[] | string | { readonly float: number } | { readonly floats: readonly number[] };

interface EmitOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly domain?: string;
  /** Name of the result; a new one without it. */
  readonly output?: string | undefined;
}

/** Collects ONNX nodes and initializers while a graph is lowered; knows every value's shape and ONNX name. */
export class Emitter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxInitializer[] = [];
  readonly #names = new Map<number, string>();
  readonly #shapes = new Map<number, Shape>();
  readonly #integers = new Map<string, string>();
  readonly #scalars = new Map<number, string>();
  readonly #shared = new Map<string, string>();
  readonly #taken = new Set<string>();
  #count = 0;

  constructor(graph: Graph, reservedNames: Iterable<string>) {
    for (const name of reservedNames) this.#taken.add(name);
    for (const { value, shape } of [...graph.inputs, ...graph.states]) this.#shapes.set(value, shape);
    for (const { value, tensor } of graph.constants) this.#shapes.set(value, tensor.shape);
    for (const { output, shape } of graph.nodes) this.#shapes.set(output, shape);
  }

  shapeOf(value: number): Shape {
    return this.#shapes.get(value)!;
  }

  /** The ONNX name of a graph value, chosen at first need. */
  nameOf(value: number): string {
    const known = this.#names.get(value);
    if (known !== undefined) return known;
    const name = this.#newName();
    this.#names.set(value, name);
    return name;
  }

  setName(value: number, name: string): void {
    this.#names.set(value, name);
  }

  /** Adds a node with one result and returns the result's name. */
  emit(type: string, inputs: readonly string[], options: EmitOptions = {}): string {
    const { attributes = {}, domain = '', output = this.#newName() } = options;
    const entries = Object.entries(attributes).map(([key, value]) => [key, attributeValue(value)] as const);
    this.nodes.push({ type, domain, inputs, outputs: [output], attributes: Object.fromEntries(entries) });
    return output;
  }

  /** Name of a constant vector of integers; equal vectors share one. */
  integers(values: readonly number[]): string {
    const key = values.join();
    const known = this.#integers.get(key);
    if (known !== undefined) return known;
    const data = BigInt64Array.from(values, BigInt);
    const name = this.#newName();
    this.#integers.set(key, name);
    this.initializers.push({ name, shape: [values.length], data });
    return name;
  }

  /** Name of a constant tensor. */
  tensor({ shape, data }: Tensor): string {
    const name = this.#newName();
    this.initializers.push({ name, shape, data });
    return name;
  }

  /** Name of a constant scalar; equal ones are shared. */
  scalar(value: number): string {
    const known = this.#scalars.get(value);
    if (known !== undefined) return known;
    const name = this.tensor({ shape: [], data: Float32Array.of(value) });
    this.#scalars.set(value, name);
    return name;
  }

  /** Name of a constant vector that holds one number again and again; equal ones are shared. */
  vector(length: number, value: number): string {
    return this.shared(`${length} x ${value}`, () => ({
      shape: [length],
      data: new Float32Array(length).fill(value),
    }));
  }

  /** Name of a constant tensor that is made once per key. */
  shared(key: string, make: () => Tensor): string {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const name = this.tensor(make());
    this.#shared.set(key, name);
    return name;
  }

  #newName(): string {
    let name: string;
    do name = `t${this.#count++}`;
    while (this.#taken.has(name));
    return name;
  }
}

function attributeValue(value: Attribute): AttributeValue {
  if (typeof value === 'string') return { type: 'string', value };
  if (typeof value === 'number') return { type: 'int', value };
  if ('float' in value) return { type: 'float', value: value.float };
  if ('floats' in value) return { type: 'floats', value: value.floats };
  return { type: 'ints', value };
}
