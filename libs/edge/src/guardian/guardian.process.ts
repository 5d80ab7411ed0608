/**
 * Outlives the agent for a moment. Each line on stdin is an UndoPlan that replaces the one before and is answered
 * with a line; when stdin closes, as it does when the agent dies in any way, the last plan is carried out.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { restoreClocks } from '../clocks/saved-clocks.js';
import { Sysfs } from '../sysfs/sysfs.js';
import type { UndoPlan } from './undo-plan.js';

// Ctrl-C and service managers signal agent and guardian alike; only the agent's end counts here.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
// Without a reader an answer is lost, which is no reason to give up.
process.stdout.on('error', () => {});

let plan: UndoPlan = {};
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  plan = JSON.parse(line) as UndoPlan;
  process.stdout.write('held\n');
});
lines.on('close', () => carryOut(plan));

function carryOut({ kill = [], clocks }: UndoPlan): void {
  for (const pid of kill) end(pid);
  if (!clocks) return;
  restoreClocks(new Sysfs(clocks.root), clocks.saved);
  rmSync(clocks.stateFile, { force: true });
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
