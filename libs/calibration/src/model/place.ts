/** Where a latency is known or asked for. */
export interface Place {
  /** Of the operating point, in the order of the points. */
  readonly point: number;
  readonly ratio: number;
  /** Whether of the trained networks, whose widths are not quite those of the proxies. */
  readonly learned: boolean;
}

export const isSamePlace = (a: Place, b: Place): boolean =>
  a.point === b.point && a.ratio === b.ratio && a.learned === b.learned;
