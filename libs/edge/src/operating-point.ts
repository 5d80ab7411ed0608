/** One setting of the device's clocks, as the agent hands it over. */
export interface EdgeOperatingPoint {
  readonly name: string;
  readonly cpuHz?: number | undefined;
  readonly gpuHz?: number | undefined;
  readonly memHz?: number | undefined;
  /** Share of CPU time left to the measured process, 0..1. */
  readonly emulatedCpuShare?: number | undefined;
}
