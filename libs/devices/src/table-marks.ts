import type { CellSummary, LatencyTableMark, OperatingPoint } from '#contracts';

/** A cell as far as marks go. */
interface Cell {
  readonly operatingPoint: string;
  readonly ratio: number;
  readonly summary: CellSummary;
  readonly provenance: { readonly throttled?: boolean | undefined; readonly drift?: number | undefined };
}

type Cells = ReadonlyMap<string, ReadonlyMap<number, Cell>>;

const CLOCKS = ['cpuHz', 'gpuHz', 'memHz', 'emulatedCpuShare'] as const;

/**
 * What is odd about a table: cells missing from the grid of the device's operating points x the table's ratios, cells that
 * were measured while the device throttled or was not as at the beginning, points that are slower than others of lower
 * clocks, ratios that are slower than lower ones. Latencies whose 95 % intervals
 * overlap do not count as different; where there is no interval, any difference counts. Neighbours alone are compared,
 * so one bad cell is not marked once for every other cell.
 */
export function tableMarks(
  operatingPoints: readonly OperatingPoint[],
  cells: readonly Cell[],
): LatencyTableMark[] {
  const byPoint = new Map<string, Map<number, Cell>>();
  for (const cell of cells) {
    const row = byPoint.get(cell.operatingPoint) ?? new Map<number, Cell>();
    byPoint.set(cell.operatingPoint, row.set(cell.ratio, cell));
  }
  const ratios = [...new Set(cells.map((cell) => cell.ratio))].sort((a, b) => a - b);
  return [
    ...missingCells(operatingPoints, ratios, byPoint),
    ...throttledCells(operatingPoints, byPoint),
    ...driftedCells(operatingPoints, byPoint),
    ...slowerAtHigherClock(operatingPoints, ratios, byPoint),
    ...slowerAtHigherRatio(operatingPoints, byPoint),
  ];
}

function missingCells(
  points: readonly OperatingPoint[],
  ratios: readonly number[],
  cells: Cells,
): LatencyTableMark[] {
  return points.flatMap(({ name }) => {
    const missing = ratios.filter((ratio) => !cells.get(name)?.has(ratio));
    return missing.length === 0 ? [] : [{ kind: 'missing-cells', operatingPoint: name, ratios: missing }];
  });
}

function throttledCells(points: readonly OperatingPoint[], cells: Cells): LatencyTableMark[] {
  return points.flatMap(({ name }) => {
    const ratios = rowOf(cells, name).flatMap(({ ratio, provenance }) => (provenance.throttled ? ratio : []));
    return ratios.length === 0 ? [] : [{ kind: 'throttled', operatingPoint: name, ratios }];
  });
}

function driftedCells(points: readonly OperatingPoint[], cells: Cells): LatencyTableMark[] {
  return points.flatMap(({ name }) => {
    const drifted = rowOf(cells, name).flatMap(({ ratio, provenance: { drift } }) =>
      drift === undefined ? [] : { ratio, drift },
    );
    return drifted.length === 0 ? [] : [{ kind: 'drifted', operatingPoint: name, cells: drifted }];
  });
}

/** Cells of a point, ratios ascending. */
function rowOf(cells: Cells, operatingPoint: string): Cell[] {
  return [...(cells.get(operatingPoint)?.values() ?? [])].sort((a, b) => a.ratio - b.ratio);
}

function slowerAtHigherClock(
  points: readonly OperatingPoint[],
  ratios: readonly number[],
  cells: Cells,
): LatencyTableMark[] {
  const pairs = points.flatMap((higher) => {
    return nextLower(higher, points).map((lower) => [higher.name, lower.name] as const);
  });
  return ratios.flatMap((ratio) =>
    pairs.flatMap(([higher, lower]): LatencyTableMark[] => {
      const [cell, than] = [cells.get(higher)?.get(ratio), cells.get(lower)?.get(ratio)];
      if (cell === undefined || than === undefined || !isSlower(cell, than)) return [];
      const other = { operatingPoint: lower, p50Ms: than.summary.p50Ms };
      const { p50Ms } = cell.summary;
      return [{ kind: 'slower-at-higher-clock', ratio, operatingPoint: higher, p50Ms, than: other }];
    }),
  );
}

function slowerAtHigherRatio(points: readonly OperatingPoint[], cells: Cells): LatencyTableMark[] {
  return points.flatMap(({ name }) => {
    const row = rowOf(cells, name);
    return row.slice(1).flatMap((cell, index): LatencyTableMark[] => {
      const than = row[index]!;
      if (!isSlower(cell, than)) return [];
      const other = { ratio: than.ratio, p50Ms: than.summary.p50Ms };
      const { ratio, summary } = cell;
      const { p50Ms } = summary;
      return [{ kind: 'slower-at-higher-ratio', operatingPoint: name, ratio, p50Ms, than: other }];
    });
  });
}

function isSlower({ summary }: Cell, than: Cell): boolean {
  const low = 'p50LowMs' in summary ? summary.p50LowMs : summary.p50Ms;
  const high = 'p50HighMs' in than.summary ? than.summary.p50HighMs : than.summary.p50Ms;
  return low > high;
}

/** The points of lower clocks with no other point in between. */
function nextLower(point: OperatingPoint, points: readonly OperatingPoint[]): OperatingPoint[] {
  const lower = points.filter((other) => isLower(other, point));
  return lower.filter((candidate) => !lower.some((between) => isLower(candidate, between)));
}

/** By what the points say of their order, else by their clocks: none higher, one lower. */
function isLower(a: OperatingPoint, b: OperatingPoint): boolean {
  if (a.order !== undefined && b.order !== undefined) return a.order < b.order;
  const comparable = CLOCKS.every((clock) => (a[clock] === undefined) === (b[clock] === undefined));
  if (!comparable) return false;
  const noneHigher = CLOCKS.every((clock) => (a[clock] ?? 0) <= (b[clock] ?? 0));
  return noneHigher && CLOCKS.some((clock) => (a[clock] ?? 0) < (b[clock] ?? 0));
}
