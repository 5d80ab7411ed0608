import type { GraphBuilder } from './builder.js';
import type { Shape } from './graph.js';

/** A tensor of a graph under construction. Ops take values and give values. */
export interface Value {
  readonly builder: GraphBuilder;
  readonly id: number;
  readonly shape: Shape;
}

/** Gradients of an op's inputs, given the gradient of its output; undefined where an input has none. */
export type VectorJacobianProduct = (outputGradient: Value) => readonly (Value | undefined)[];

/** What the builder remembers of an op for reverse-mode differentiation. */
export interface TapeEntry {
  readonly inputs: readonly Value[];
  readonly vjp: VectorJacobianProduct;
}
