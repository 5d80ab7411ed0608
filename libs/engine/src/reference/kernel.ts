import type { NodeOf, NodeOp } from '#graph';
import type { Tensor64 } from './tensor64.js';

/** Computes one node: reads its inputs, writes its output, which comes filled with zeros. */
export type Kernel<Op extends NodeOp> = (
  node: NodeOf<Op>,
  inputs: readonly Tensor64[],
  output: Tensor64,
) => void;
