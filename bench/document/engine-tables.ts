import type { BenchRow } from '../benchmark.js';
import type { EngineDetail, ShareDetail } from '../engine/rows.js';
import { markdownTable } from './markdown-table.js';

/** Steps of ours as shares of PyTorch's speed; of rows about anything else it has none. */
export function stepTable(rows: readonly BenchRow[]): string {
  const cells = rows.flatMap(({ name, value, detail }) => {
    if (!('ours' in detail)) return [];
    const { ours, peers, worstLossDifference } = detail as unknown as ShareDetail;
    const times = peers.map((peer) => `${seconds(peer.medianSeconds)} ${peer.name}`);
    const difference = worstLossDifference.toExponential(0);
    return [
      [
        `\`${name}\``,
        digits(value),
        `${seconds(ours.medianSeconds)} ${ours.name}`,
        times.join('<br>'),
        difference,
      ],
    ];
  });
  return markdownTable(['figure', 'share', 'ours, s', 'PyTorch, s', 'losses differ by'], cells);
}

/** Images per second of every contestant. */
export function engineTable(rows: readonly BenchRow[]): string {
  const cells = rows
    .filter(({ detail }) => 'medianSeconds' in detail)
    .map(({ value, detail }) => {
      const { name, medianSeconds, peakMemoryBytes } = detail as unknown as EngineDetail;
      return [name, value.toFixed(0), seconds(medianSeconds), megabytes(peakMemoryBytes)];
    });
  return markdownTable(['engine', 'images/s', 's/step', 'peak memory, MB'], cells);
}

export const digits = (value: number): string => value.toPrecision(3);
export const seconds = (value: number): string => value.toFixed(3);
export const megabytes = (bytes: number | undefined): string =>
  bytes === undefined ? 'unknown' : (bytes / 1e6).toFixed(0);
