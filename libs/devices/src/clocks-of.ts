import type { OperatingPoint } from '#contracts';

/** The clocks that an operating point names, as calibration takes them; a CPU share is one. */
export function clocksOf({ cpuHz, gpuHz, memHz, emulatedCpuShare }: OperatingPoint): Record<string, number> {
  const clocks = { cpuHz, gpuHz, memHz, emulatedCpuShare };
  const known = Object.entries(clocks).filter((entry): entry is [string, number] => entry[1] !== undefined);
  return Object.fromEntries(known);
}
