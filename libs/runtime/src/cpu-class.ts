import fs from 'node:fs';
import os from 'node:os';

const VENDORS: Readonly<Record<string, string>> = { GenuineIntel: 'intel', AuthenticAMD: 'amd' };

/** What numeric libraries choose their x86 kernels by, the widest first; each needs all of its flags. */
const X86_LEVELS: readonly [level: string, flags: readonly string[]][] = [
  ['avx512', ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl']],
  ['avx2', ['avx2', 'fma']],
  ['avx', ['avx']],
];
const ARM_LEVELS: readonly [level: string, flags: readonly string[]][] = [
  ['sve', ['sve']],
  ['neon', ['asimd']],
];

interface Cpu {
  readonly arch: string;
  /** The text of /proc/cpuinfo; absent where the system has none. */
  readonly cpuinfo: string | undefined;
  readonly model: string;
}

/**
 * The class of this machine's processor, `x86-64 intel avx512` say: floating point sums come out in the same bits within
 * one class, since libraries choose their kernels by it. The model stands in where the system does not tell.
 */
export function cpuClass(cpu: Cpu = thisCpu()): string {
  const { arch, cpuinfo, model } = cpu;
  if (cpuinfo === undefined) return `${arch} ${model}`;
  const field = (name: RegExp) =>
    new RegExp(`^(?:${name.source})\\s*: (.*)$`, 'm').exec(cpuinfo)?.[1]?.trim();
  const flags = new Set(field(/flags|Features/)?.split(' '));
  const levelOf = (levels: typeof X86_LEVELS, least: string) =>
    levels.find(([, needed]) => needed.every((flag) => flags.has(flag)))?.[0] ?? least;
  if (arch === 'x64') {
    const vendor = field(/vendor_id/) ?? 'unknown';
    return `x86-64 ${VENDORS[vendor] ?? vendor} ${levelOf(X86_LEVELS, 'sse2')}`;
  }
  const implementer = field(/CPU implementer/);
  return implementer === undefined
    ? `${arch} ${model}`
    : `${arch} ${implementer} ${levelOf(ARM_LEVELS, 'plain')}`;
}

function thisCpu(): Cpu {
  const model = os.cpus()[0]?.model.trim() ?? 'unknown';
  return { arch: process.arch, cpuinfo: readCpuinfo(), model };
}

function readCpuinfo(): string | undefined {
  try {
    return fs.readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return undefined; // not Linux
  }
}
