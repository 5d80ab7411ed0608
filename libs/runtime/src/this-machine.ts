import os from 'node:os';

/** The hardware that this process runs on. */
export interface Machine {
  readonly cpuModel: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly platform: string;
  readonly arch: string;
}

export function describeMachine(): Machine {
  return {
    cpuModel: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryBytes: usableMemoryBytes(),
    platform: process.platform,
    arch: process.arch,
  };
}

/** What this process may use: that of its container, where it is in one with a limit. */
function usableMemoryBytes(): number {
  const limit = process.constrainedMemory(); // 0 where there is none, or a number beyond all memory
  return limit > 0 ? Math.min(limit, os.totalmem()) : os.totalmem();
}
