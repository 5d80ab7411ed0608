import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { isProcessAlive } from './processes.js';

/**
 * A process that can be recognised later: process ids are reused, and in a container the same few come back at every
 * start, so a file that a dead process left may name a living one.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
}

/** The identity of a running process, or `undefined` when there is none with this id. */
export function identify(pid: number): ProcessIdentity | undefined {
  if (!isProcessAlive(pid)) return undefined;
  const startedAt = startOf(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Whether the very process still runs. */
export function stillRuns(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startedAt === identity.startedAt;
}

/** The command line of a running process, or `undefined` when it has none to show. */
export function commandOf(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') return ps(pid, 'args');
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return undefined;
  }
}

function startOf(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') return ps(pid, 'lstart');
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 22, in clock ticks since boot; fields are counted from the third, behind the command in parentheses.
    return `${boot}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return undefined;
  }
}

function ps(pid: number, column: string): string {
  return execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).trim();
}
