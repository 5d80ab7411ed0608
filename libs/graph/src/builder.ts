import { assembleGraph, type Definition } from './assemble-graph.js';
import { GraphError } from './graph-error.js';
import type { Graph, GraphNode, Shape, Tensor } from './graph.js';
import type { NodeAttributes, NodeOp } from './node-ops.js';
import { formatShape, sameShape, sizeOf } from './shape.js';
import type { TapeEntry, Value, VectorJacobianProduct } from './value.js';

/**
 * Collects the values of a graph and the tape that `gradients` reads. Values are never changed, only added; every op
 * checks its shapes when it is added.
 */
export class GraphBuilder {
  readonly #definitions: Definition[] = [];
  readonly #tape = new Map<number, TapeEntry>();
  readonly #names = new Set<string>();
  readonly #next = new Map<number, Value>();
  readonly #outputs = new Map<string, Value>();
  readonly #scalars = new Map<number, Value>();
  #label = '';

  /** A tensor that every run is fed. */
  input(name: string, shape: Shape): Value {
    return this.#named('input', name, shape);
  }

  /** A tensor that the program keeps between runs; it stays as it is unless `assign` gives its next value. */
  state(name: string, shape: Shape): Value {
    return this.#named('state', name, shape);
  }

  /** Sets what replaces a state when a run ends. All reads of the state within the run see the old value. */
  assign(state: Value, next: Value): void {
    this.requireOwn('assign', [state, next]);
    const definition = this.#definitions[state.id]!;
    if (definition.kind !== 'state')
      throw this.error('assign', `the target is no state but of kind ${definition.kind}`);
    if (this.#next.has(state.id)) throw this.error('assign', `state "${definition.name}" is assigned twice`);
    if (!sameShape(state.shape, next.shape)) {
      throw this.error(
        'assign',
        `state "${definition.name}" is ${formatShape(state.shape)}, its next value ${formatShape(next.shape)}`,
      );
    }
    this.#next.set(state.id, next);
  }

  /** A tensor that is part of the graph. */
  constant(tensor: Tensor): Value {
    const shape = checkedShape('constant', tensor.shape);
    if (tensor.data.length !== sizeOf(shape)) {
      throw this.error(
        'constant',
        `${formatShape(shape)} needs ${sizeOf(shape)} values, got ${tensor.data.length}`,
      );
    }
    return this.#define({ kind: 'constant', tensor }, shape);
  }

  /** A constant of shape `[]`; the same number gives the same value. */
  scalar(x: number): Value {
    const known = this.#scalars.get(x);
    if (known) return known;
    const value = this.constant({ shape: [], data: Float32Array.of(x) });
    this.#scalars.set(x, value);
    return value;
  }

  /** Makes a value readable after a run. */
  output(name: string, value: Value): void {
    this.requireOwn('output', [value]);
    this.#outputs.set(this.#claim('output', name), value);
  }

  /** Everything added in `build` names the label (a layer, a phase) in its errors. */
  labelled<T>(label: string, build: () => T): T {
    const outer = this.#label;
    this.#label = outer ? `${outer}/${label}` : label;
    try {
      return build();
    } finally {
      this.#label = outer;
    }
  }

  /** The finished graph, without the nodes that no output and no state needs. */
  build(): Graph {
    return assembleGraph(this.#definitions, this.#outputs, this.#next);
  }

  /** For ops: adds a node. Without a `vjp` no gradient flows through it. */
  node<Op extends NodeOp>(
    op: Op,
    inputs: readonly Value[],
    shape: Shape,
    attributes: NodeAttributes[Op],
    vjp?: VectorJacobianProduct,
  ): Value {
    this.requireOwn(op, inputs);
    const output = this.#definitions.length;
    const node = { op, inputs: inputs.map((input) => input.id), output, shape, attributes } as GraphNode;
    const value = this.#define({ kind: 'node', node }, shape);
    if (vjp) this.#tape.set(value.id, { inputs, vjp });
    return value;
  }

  /** For ops: the same tensor under another id, so that it can have another gradient (none without an entry). */
  alias(of: Value, entry?: TapeEntry): Value {
    this.requireOwn('alias', [of, ...(entry?.inputs ?? [])]);
    const value = this.#define({ kind: 'alias', of: of.id }, of.shape);
    if (entry) this.#tape.set(value.id, entry);
    return value;
  }

  /** For `gradients`: how the value was made, or undefined where no gradient flows back. */
  tapeEntry(id: number): TapeEntry | undefined {
    return this.#tape.get(id);
  }

  /** For ops: the number behind a constant of shape `[]`. */
  scalarOf(value: Value): number | undefined {
    const definition = this.#definitions[value.id]!;
    return definition.kind === 'constant' && value.shape.length === 0 ? definition.tensor.data[0] : undefined;
  }

  /** For ops: an error that names the op and the label. */
  error(op: string, problem: string): GraphError {
    return new GraphError(this.#label ? `${op} in "${this.#label}": ${problem}` : `${op}: ${problem}`);
  }

  /** For ops: refuses values of another builder. */
  requireOwn(op: string, values: readonly Value[]): void {
    if (values.some((value) => value.builder !== this)) {
      throw this.error(op, 'an input belongs to another graph builder');
    }
  }

  #named(kind: 'input' | 'state', name: string, sides: Shape): Value {
    const shape = checkedShape(`${kind} "${name}"`, sides);
    return this.#define({ kind, name: this.#claim(kind, name), shape }, shape);
  }

  #define(definition: Definition, shape: Shape): Value {
    this.#definitions.push(definition);
    return { builder: this, id: this.#definitions.length - 1, shape };
  }

  #claim(kind: string, name: string): string {
    if (name === '') throw this.error(kind, 'the name is empty');
    if (this.#names.has(name)) throw this.error(kind, `the name "${name}" is used twice`);
    this.#names.add(name);
    return name;
  }
}

function checkedShape(what: string, shape: Shape): Shape {
  if (shape.every((side) => Number.isInteger(side) && side > 0)) return [...shape];
  throw new GraphError(`${what}: ${formatShape(shape)} has a side that is no positive integer`);
}
