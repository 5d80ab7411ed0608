import Table from 'cli-table3';
import type { Availability } from '#engine';

const HEAD = ['executor', 'provider', 'available', 'version', 'CPU threads', 'runs on'];

/** The engines of a machine as a table. */
export function engineTable(engines: readonly Availability[], chosen: Availability): string {
  const table = new Table({ head: HEAD, style: { head: [], border: [] } });
  for (const engine of engines) {
    const { executor, provider, version = '', threads = '', detail = '' } = engine;
    table.push([executor, provider, availabilityOf(engine, chosen), version, threads, detail]);
  }
  return table.toString();
}

/** A line for every engine about which there is more to say, unwrapped so that commands can be copied from it. */
export function engineNotes(engines: readonly Availability[]): string[] {
  return engines.flatMap(({ executor, provider, reason, install }) => {
    const parts = [reason, install && `needs: ${install}`].filter((part) => part !== undefined);
    return parts.length === 0 ? [] : [`${executor} ${provider}: ${parts.join('\n  ')}`];
  });
}

function availabilityOf(engine: Availability, chosen: Availability): string {
  if (engine === chosen) return 'yes, default';
  if (engine.executor === 'reference') return 'for tests';
  if (engine.fallback) return 'by name only';
  return engine.available ? 'yes' : 'no';
}
