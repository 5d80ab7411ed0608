import type { BenchRow } from '../benchmark.js';
import { aimOf, isMet, mustLandOf } from '../goals.js';
import { markdownTable } from './markdown-table.js';

/** All figures with what is wanted of them, where something is. */
export function figuresTable(rows: readonly BenchRow[]): string {
  const cells = rows.map((row) => {
    const { name, value, unit, goal } = row;
    const wanted = goal ? [mustLandOf(goal), aimOf(goal), isMet(goal, row) ? 'yes' : 'no'] : ['', '', ''];
    return [`\`${name}\``, `${Number(value.toPrecision(4))} ${unit}`, ...wanted];
  });
  return markdownTable(['figure', 'measured', 'must be', 'aim', 'met'], cells);
}
