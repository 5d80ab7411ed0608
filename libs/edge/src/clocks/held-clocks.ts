import { rmSync } from 'node:fs';
import { identify, writeFileAtomic } from '#runtime';
import type { Guardian } from '../guardian/guardian.js';
import type { Sysfs } from '../sysfs/sysfs.js';
import type { ClockDomain } from './clock-domain.js';
import { restoreLeftoverClocks, type ClockState } from './leftover-clocks.js';
import { readClocks, restoreClocks, type SavedClocks } from './saved-clocks.js';

/** Clocks as they were before the first change, kept by a guardian process and in a file until they are put back. */
export class HeldClocks {
  private constructor(
    private readonly sysfs: Sysfs,
    private readonly stateFile: string,
    private readonly guardian: Guardian,
    readonly domains: readonly ClockDomain[],
    readonly saved: SavedClocks,
  ) {}

  /**
   * Saves the clocks twice before anything is changed. Pinned ones that an earlier holder left are put back first: they
   * would be taken for the clocks to put back.
   * @throws ClocksNotRestoredError when that fails; Error when the clocks cannot be read or kept
   */
  static async take(
    sysfs: Sysfs,
    domains: readonly ClockDomain[],
    stateFile: string,
    startGuardian: () => Guardian,
  ): Promise<HeldClocks> {
    restoreLeftoverClocks(sysfs.root, stateFile);
    const saved = readClocks(sysfs, domains);
    const state: ClockState = { agent: identify(process.pid), saved };
    await writeFileAtomic(stateFile, JSON.stringify(state));
    const guardian = startGuardian();
    await guardian.hold({ clocks: { root: sysfs.root, saved, stateFile } });
    return new HeldClocks(sysfs, stateFile, guardian, domains, saved);
  }

  /** @throws ClocksNotRestoredError when a clock could not be put back: guardian and file then keep the plan. */
  async restore(): Promise<void> {
    restoreClocks(this.sysfs, this.saved);
    rmSync(this.stateFile, { force: true });
    await this.guardian.dismiss();
  }
}
