import type { BenchFile } from '../benchmark.js';
import { markdownTable } from './markdown-table.js';

/** How a benchmark was run: its command, the machine, versions, and whatever else it has to say. */
export function provenanceTable(
  { command, machine, versions }: BenchFile,
  more: Readonly<Record<string, string>> = {},
): string {
  const { cpuModel, cores, memoryBytes, loadAverage } = machine as {
    cpuModel: string;
    cores: number;
    memoryBytes: number;
    loadAverage: number[];
  };
  const memoryGiB = (memoryBytes / 2 ** 30).toFixed(0);
  return markdownTable(
    ['what', ''],
    [
      ['command', `\`${withoutPaths(command)}\``],
      ['machine', `${cores} CPUs of ${cpuModel}, ${memoryGiB} GiB`],
      ['load before the run', loadAverage[0]!.toFixed(2)],
      ...Object.entries({ ...versions, ...more }),
    ],
  );
}

/** Where files lie on somebody's machine means nothing to others. */
export const withoutPaths = (command: string): string => command.replaceAll(/(?<= )\S*\//g, '…/');
