/** The op graph as data: what an executor runs and the ONNX writer writes. Shapes are static. */
import type { NodeAttributes, NodeOp } from './node-ops.js';

export type Shape = readonly number[];

/** Dense row-major float32 values. */
export interface Tensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** One small op of the given name. Its output's id is the node's place among all values of the graph. */
export interface NodeOf<Op extends NodeOp> {
  readonly op: Op;
  readonly inputs: readonly number[];
  readonly output: number;
  readonly shape: Shape;
  readonly attributes: NodeAttributes[Op];
}

/** One small op: narrow it by `op` to reach its attributes. */
export type GraphNode = { [Op in NodeOp]: NodeOf<Op> }[NodeOp];

export interface NamedValue {
  readonly name: string;
  readonly value: number;
  readonly shape: Shape;
}

/** A tensor that the program keeps between runs: read as `value`, replaced by `next` when a run ends. */
export interface StateValue extends NamedValue {
  readonly next: number;
}

export interface GraphConstant {
  readonly value: number;
  readonly tensor: Tensor;
}

export interface Graph {
  readonly inputs: readonly NamedValue[];
  readonly states: readonly StateValue[];
  readonly constants: readonly GraphConstant[];
  /** In execution order. */
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly NamedValue[];
}
