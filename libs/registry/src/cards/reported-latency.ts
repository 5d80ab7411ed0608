import type { LatencyCell, LatencySummary, LatencyTable, ReportedLatency } from '#contracts';

/** With the cell that the deployment took it from: the last one measured. */
export function reportedLatency(
  tables: readonly LatencyTable[],
  operatingPoint: string,
  ratio: number,
  summary: LatencySummary,
): ReportedLatency {
  const matches = (cell: LatencyCell) => cell.operatingPoint === operatingPoint && cell.ratio === ratio;
  const table = tables.findLast(({ cells }) => cells.some(matches));
  const cell = table?.cells.findLast(matches);
  if (table === undefined || cell === undefined) return { ...summary };
  const { provenance, index } = cell;
  const { networkDigest } = provenance;
  return {
    ...summary,
    ...(networkDigest !== undefined && { onnxDigest: networkDigest }),
    cell: { latencyTableId: table.id, index, provenance },
  };
}
