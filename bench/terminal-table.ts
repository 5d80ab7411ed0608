import Table from 'cli-table3';
import type { BenchRow, Goal } from './benchmark.js';
import { aimOf, isMet, missingSeeds, mustLandOf } from './goals.js';

/** The figures for people, with what is wanted of them. */
export function terminalTable(rows: readonly BenchRow[]): string {
  const head = ['name', 'value', 'unit', 'must land', 'aim', ''];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const row of rows) {
    const { name, value, unit, goal } = row;
    table.push([name, value.toPrecision(4), unit, ...(goal ? goalCells(goal, row) : ['', '', ''])]);
  }
  return table.toString();
}

function goalCells(goal: Goal, row: BenchRow): string[] {
  return [mustLandOf(goal), aimOf(goal), isMet(goal, row) ? 'met' : `MISSED${missingSeeds(row)}`];
}
