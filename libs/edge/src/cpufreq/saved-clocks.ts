/** The kernel's cpufreq files: reading, pinning and putting back. Synchronous: nothing may come between two writes. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PolicyClocks {
  readonly governor: string;
  readonly minKhz: number;
  readonly maxKhz: number;
}

/** By policy name (`policy0`). */
export type SavedClocks = Readonly<Record<string, PolicyClocks>>;

const FOLDER = 'devices/system/cpu/cpufreq';
const POLICY_NAME = /^policy\d+$/;

/** Names of all clock domains of the CPU; none where the machine does not let its clocks be seen. */
export function listPolicies(root: string): string[] {
  try {
    return readdirSync(join(root, FOLDER)).filter((name) => POLICY_NAME.test(name));
  } catch {
    return [];
  }
}

/** What every policy is set to now. @throws Error of the file system naming the file. */
export function readClocks(root: string): SavedClocks {
  const policies = listPolicies(root).map((policy) => [
    policy,
    {
      governor: readText(root, policy, 'scaling_governor'),
      minKhz: readKhz(root, policy, 'scaling_min_freq'),
      maxKhz: readKhz(root, policy, 'scaling_max_freq'),
    },
  ]);
  return Object.fromEntries(policies) as SavedClocks;
}

/**
 * Puts every policy back. One that fails does not keep the others from it.
 * @throws AggregateError with every failure.
 */
export function restoreClocks(root: string, saved: SavedClocks): void {
  const failures: unknown[] = [];
  for (const [policy, clocks] of Object.entries(saved)) {
    try {
      writeRange(root, policy, clocks.minKhz, clocks.maxKhz);
      if (readText(root, policy, 'scaling_governor') !== clocks.governor) {
        writeFileSync(fileOf(root, policy, 'scaling_governor'), clocks.governor);
      }
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `clocks not restored: ${failures.map(String).join('; ')}`);
}

/** Sets both limits in the order in which minimum <= maximum holds all the time: the kernel refuses anything else. */
export function writeRange(root: string, policy: string, minKhz: number, maxKhz: number): void {
  const writeMin = () => writeFileSync(fileOf(root, policy, 'scaling_min_freq'), String(minKhz));
  const writeMax = () => writeFileSync(fileOf(root, policy, 'scaling_max_freq'), String(maxKhz));
  if (maxKhz < readKhz(root, policy, 'scaling_min_freq')) {
    writeMin();
    writeMax();
  } else {
    writeMax();
    writeMin();
  }
}

/** A frequency file in kHz. @throws Error naming the file and its content. */
export function readKhz(root: string, policy: string, file: string): number {
  const text = readText(root, policy, file);
  if (/^\d+$/.test(text)) return Number(text);
  throw new Error(`${fileOf(root, policy, file)} reads "${text}", expected a frequency in kHz`);
}

function readText(root: string, policy: string, file: string): string {
  return readFileSync(fileOf(root, policy, file), 'utf8').trim();
}

function fileOf(root: string, policy: string, file: string): string {
  if (!POLICY_NAME.test(policy)) throw new Error(`"${policy}" is not the name of a cpufreq policy`);
  return join(root, FOLDER, policy, file);
}
