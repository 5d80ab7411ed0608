import type { NodeOp } from '#graph';
import { CONV_CASES } from './conv-cases.js';
import { ELEMENTWISE_CASES } from './elementwise-cases.js';
import { LAYER_CASES } from './layer-cases.js';
import { LAYOUT_CASES } from './layout-cases.js';
import type { OpCase } from './op-case.js';
import { POOL_CASES } from './pool-cases.js';

/** An op without a case does not compile. */
const CASES: Readonly<Record<NodeOp | keyof typeof LAYER_CASES, readonly OpCase[]>> = {
  ...ELEMENTWISE_CASES,
  ...LAYOUT_CASES,
  ...CONV_CASES,
  ...POOL_CASES,
  ...LAYER_CASES,
};

export const OP_CASES: readonly { readonly name: string; readonly item: OpCase }[] = Object.entries(
  CASES,
).flatMap(([op, items]) =>
  items.map((item, index) => {
    const shapes = JSON.stringify(item.shapes).slice(1, -1);
    return { name: `${op} #${index} ${[item.variant, shapes].filter(Boolean).join(' of ')}`, item };
  }),
);
