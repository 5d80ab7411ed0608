import fs from 'node:fs';
import type { OperatingPoint } from '#contracts';

/** Down to a speed at which a heavily pruned network can still keep up with the dense one at full speed. */
const SHARES = [1, 0.8, 0.65, 0.5, 0.4];
const CPUFREQ = '/sys/devices/system/cpu/cpu0/cpufreq';
const POINTS = 5;

/** A machine on which `--real-clocks` cannot work; the message says what to do. */
export class NoRealClocksError extends Error {
  override readonly name = 'NoRealClocksError';
}

/** Slower clocks by taking CPU time away: nothing about the machine is changed. */
export function emulatedPoints(): OperatingPoint[] {
  return SHARES.map((share) => ({
    name: `cpu-${String(Math.round(share * 100)).padStart(3, '0')}pct`,
    emulatedCpuShare: share,
  }));
}

/**
 * Five of the CPU frequencies that the kernel offers, fastest first.
 * @throws NoRealClocksError when the machine has no cpufreq or fewer than four frequencies.
 */
export function cpufreqPoints(folder = CPUFREQ): OperatingPoint[] {
  const available = frequenciesKhz(folder);
  if (available.length < 4) {
    throw new NoRealClocksError(
      `--real-clocks needs at least 4 CPU frequencies, but ${folder} offers ${available.length}. Run the demo ` +
        'without --real-clocks (slower clocks are then emulated), or on a machine whose kernel has cpufreq.',
    );
  }
  const picked = Array.from(
    { length: POINTS },
    (_, i) => available[Math.round((i * (available.length - 1)) / (POINTS - 1))]!,
  );
  return [...new Set(picked)].map((khz) => ({ name: `cpu-${Math.round(khz / 1000)}mhz`, cpuHz: khz * 1000 }));
}

/** Descending. Drivers such as intel_pstate list no frequencies and take any within the limits. */
function frequenciesKhz(folder: string): number[] {
  const listed = numbersIn(`${folder}/scaling_available_frequencies`);
  if (listed.length > 0) return [...new Set(listed)].sort((a, b) => b - a);
  const [min] = numbersIn(`${folder}/cpuinfo_min_freq`);
  const [max] = numbersIn(`${folder}/cpuinfo_max_freq`);
  if (min === undefined || max === undefined || min >= max) return [];
  return Array.from({ length: POINTS }, (_, i) => Math.round(max - (i * (max - min)) / (POINTS - 1)));
}

function numbersIn(file: string): number[] {
  try {
    return fs.readFileSync(file, 'utf8').trim().split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return []; // the kernel or its driver has no such file
  }
}
