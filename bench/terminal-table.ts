import Table from 'cli-table3';
import type { BenchRow, Goal } from './benchmark.js';
import { isMet } from './goals.js';

/** The figures for people, with what is wanted of them. */
export function terminalTable(rows: readonly BenchRow[]): string {
  const head = ['name', 'value', 'unit', 'must land', 'aim', ''];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const { name, value, unit, goal } of rows) {
    table.push([name, value.toPrecision(4), unit, ...(goal ? goalCells(goal, value) : ['', '', ''])]);
  }
  return table.toString();
}

function goalCells(goal: Goal, value: number): string[] {
  const sign = goal.better === 'higher' ? '>=' : '<=';
  return [`${sign} ${goal.mustLand}`, `${sign} ${goal.aim}`, isMet(goal, value) ? 'met' : 'MISSED'];
}
