import type { NodeOf, NodeOp } from '#graph';
import type { Emitter } from '../emitter.js';

/** Writes one graph node as ONNX nodes, the last of which gives the result its name. */
export type Lowering<Op extends NodeOp> = (node: NodeOf<Op>, emitter: Emitter, output: string) => void;

/** Lowerings of some ops, which stand in for the usual ones. */
export type Lowerings = { readonly [Op in NodeOp]?: Lowering<Op> };
