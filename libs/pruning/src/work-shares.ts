/** A part of all work. */
export interface WorkShare {
  /** What is done before it, 0..1. */
  readonly begin: number;
  /** The part itself, 0..1. */
  readonly share: number;
}

/** What share of all work every part is, in their order. @param work in any unit, above 0 in all */
export function workShares<Part>(work: ReadonlyMap<Part, number>): ReadonlyMap<Part, WorkShare> {
  const total = [...work.values()].reduce((a, b) => a + b, 0);
  const shares = new Map<Part, WorkShare>();
  let begin = 0;
  for (const [part, amount] of work) {
    const share = amount / total;
    shares.set(part, { begin, share });
    begin += share;
  }
  return shares;
}
