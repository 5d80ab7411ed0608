import type { LatencyCell, LatencyTable, MeasuringConditions } from '#contracts';

/** How the cells of some tables came to be: every different value that they have, once. */
export function measuringConditions(tables: readonly LatencyTable[]): MeasuringConditions {
  const cells = tables.flatMap((table) => table.cells);
  const of = <T>(pick: (cell: LatencyCell) => T | undefined): T[] => distinct(cells.map(pick));
  const times = of(({ provenance }) => provenance.measuredAt).sort();
  const count = (matches: (cell: LatencyCell) => boolean) => cells.filter(matches).length;
  return {
    emulated: tables.some(({ emulated }) => emulated),
    clockControllers: of(({ provenance }) =>
      'clockController' in provenance ? provenance.clockController : undefined,
    ),
    runners: of(
      ({ provenance: { runner, runnerVersion } }) => runner && `${runner} ${runnerVersion ?? ''}`.trim(),
    ),
    agentVersions: of(({ provenance }) =>
      'agentVersion' in provenance ? provenance.agentVersion : undefined,
    ),
    machines: of(({ provenance }) => ('machine' in provenance ? machineText(provenance.machine) : undefined)),
    batches: of(({ provenance }) => provenance.batch),
    threads: of(({ provenance }) => provenance.threads),
    ...(times.length > 0 && { measuredFrom: times[0], measuredUntil: times.at(-1) }),
    throttledCells: count(({ provenance }) => provenance.throttled === true),
    driftedCells: count(({ provenance }) => 'drift' in provenance && provenance.drift !== undefined),
  };
}

function machineText(machine: { cpuModel: string; cores: number; platform: string; arch: string }): string {
  return `${machine.cpuModel}, ${machine.cores} cores, ${machine.platform} ${machine.arch}`;
}

function distinct<T>(values: readonly (T | undefined)[]): T[] {
  return [...new Set(values)].filter((value): value is T => value !== undefined);
}
