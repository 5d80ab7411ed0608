import type { CellProvenance, LatencyOrigin, LatencySummary, LatencyTable } from '#contracts';
import { canonicalDigest } from '../canonical-json.js';
import { reportedLatency } from './reported-latency.js';

type ClockController = Extract<CellProvenance, { clockController: unknown }>['clockController'];

/** Those that set the device's own clocks and read them back. */
const PINNING: ReadonlySet<ClockController> = new Set<ClockController>(['cpufreq', 'devfreq', 'tuple']);

/**
 * Says where latencies of a deployment come from, by the cells of the tables that verified it: undefined of one whose table is
 * gone. Each table is digested once.
 */
export function originsIn(
  tables: readonly LatencyTable[],
): (operatingPoint: string, ratio: number, latency: LatencySummary) => LatencyOrigin | undefined {
  const digests = new Map(tables.map(({ id, cells }) => [id, canonicalDigest(cells)]));
  return (operatingPoint, ratio, latency) => {
    const { cell, onnxDigest, n } = reportedLatency(tables, operatingPoint, ratio, latency);
    if (cell === undefined) return undefined;
    const { latencyTableId: id, index, provenance } = cell;
    const { measuredAt } = provenance;
    return {
      ...clocksOf(provenance),
      samples: n,
      ...(measuredAt !== undefined && { measuredAt }),
      ...(onnxDigest !== undefined && { onnxDigest }),
      latencyTable: { id, digest: digests.get(id)!, cell: index },
    };
  };
}

/** An imported table says no more of its clocks than whether they were emulated, if that. */
function clocksOf(provenance: CellProvenance): Pick<LatencyOrigin, 'tier' | 'pinned'> {
  const { emulated } = provenance;
  if (!('clockController' in provenance))
    return emulated === undefined ? {} : { tier: emulated ? 'emulated' : 'real' };
  const { clockController } = provenance;
  if (clockController === 'recorded') return { tier: 'simulated', pinned: false };
  return { tier: emulated ? 'emulated' : 'real', pinned: PINNING.has(clockController) };
}
