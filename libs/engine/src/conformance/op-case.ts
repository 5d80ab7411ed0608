import type { Shape, Value } from '#graph';

/** One op, or a few that belong together, on inputs of given shapes. */
export interface OpCase {
  /** What sets it apart from the other cases of its op; default: nothing but the shapes. */
  readonly variant?: string;
  readonly shapes: readonly Shape[];
  /** Values are drawn evenly from here; default -2..2. */
  readonly range?: readonly [number, number];
  /** Values are rounded to whole numbers, so that many are equal; default false. */
  readonly whole?: boolean;
  /**
   * `derivative` (default): the gradient is the output's derivative. `by-rule`: it is another one on purpose, or the
   * output has steps where the inputs lie. `none`: the output has no gradient.
   */
  readonly gradient?: 'derivative' | 'by-rule' | 'none';
  readonly build: (...inputs: Value[]) => Value;
}

/** Cases by the name of what they try. */
export type OpCases = Readonly<Record<string, readonly OpCase[]>>;

/** Where roots, logarithms and quotients are smooth. */
export const POSITIVE = [0.3, 2] as const;

/** A case of one input [3, 5]. */
export function unaryCase(build: (x: Value) => Value, more: Partial<OpCase> = {}): OpCase {
  return { shapes: [[3, 5]], build: (x) => build(x), ...more };
}
