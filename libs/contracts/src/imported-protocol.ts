import type { LatencyTable } from './latency-tables.js';
import { MeasuringProtocol } from './measuring.js';

/**
 * How an imported table says that it was measured, so that an agent can do the same; undefined where not every cell says the
 * same batch and threads, or what they are is beyond an agent.
 */
export function importedProtocol({ cells }: Pick<LatencyTable, 'cells'>): MeasuringProtocol | undefined {
  const { batch, threads } = cells[0]?.provenance ?? {};
  const isAlike = cells.every(
    ({ provenance }) => provenance.batch === batch && provenance.threads === threads,
  );
  if (batch === undefined || threads === undefined || !isAlike) return undefined;
  return MeasuringProtocol.safeParse({ batch, threads }).data;
}
