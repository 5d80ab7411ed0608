/**
 * How a process is started that serves many and keeps little, such as the API: in half of the memory that it would take else. Its
 * new objects get 3 x 8 MB, not 3 x 16, before they are looked through; and glibc gives large blocks back when they are freed, which
 * it does by itself only until the first one was. How early its old objects are looked through, it says itself
 * (apps/api/src/heap-growth.ts).
 */
export const LEAN_PROCESS = {
  nodeArgs: ['--max-semi-space-size=8'],
  env: { MALLOC_TRIM_THRESHOLD_: '131072' },
} as const;

interface ProcessMemory {
  readonly nodeArgs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const LEAN_SERVICES: ReadonlySet<string> = new Set(['api']);
const AS_NODE_HAS_IT: ProcessMemory = { nodeArgs: [], env: {} };

/** What a service of the name is started with for the sake of its memory. */
export function memoryOptionsOf(service: string): ProcessMemory {
  return LEAN_SERVICES.has(service) ? LEAN_PROCESS : AS_NODE_HAS_IT;
}
