import type { SavedClocks } from '../clocks/saved-clocks.js';

/** What the guardian does when the agent is gone. */
export interface UndoPlan {
  /** Processes to continue and to kill: a stopped process whose agent died would stay stopped for ever. */
  readonly kill?: readonly number[];
  readonly clocks?: { readonly root: string; readonly saved: SavedClocks; readonly stateFile: string };
}
