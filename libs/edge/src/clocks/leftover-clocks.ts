import { existsSync, readFileSync, rmSync } from 'node:fs';
import { stillRuns, type ProcessIdentity } from '#runtime';
import { Sysfs } from '../sysfs/sysfs.js';
import { restoreClocks, type SavedClocks } from './saved-clocks.js';

/** Content of the state file: what to put back when agent and guardian are both gone. */
export interface ClockState {
  readonly agent: ProcessIdentity | undefined;
  readonly saved: SavedClocks;
}

/**
 * Puts back the clocks that an agent left pinned when it and its guardian died, or that this process could not put back
 * before.
 * @returns whether there was anything to put back.
 * @throws Error when another agent that runs holds the clocks; ClocksNotRestoredError when they can't be put back.
 */
export function restoreLeftoverClocks(root: string, stateFile: string): boolean {
  if (!existsSync(stateFile)) return false;
  const state = JSON.parse(readFileSync(stateFile, 'utf8')) as ClockState;
  if (state.agent && state.agent.pid !== process.pid && stillRuns(state.agent)) {
    throw new Error(`${stateFile}: the agent with process id ${state.agent.pid} holds the clocks`);
  }
  restoreClocks(new Sysfs(root), state.saved);
  rmSync(stateFile, { force: true });
  return true;
}
