import type { OpenMeasuring } from './open-measurings.port.js';

/** Agents ask for work at least twice in so long, unless they measure. */
export const QUIET_AFTER_MS = 60_000;

/** Why a device measures nothing for a task now; undefined where it does, or is about to. */
export function whyUnmeasured({ lease, device }: OpenMeasuring, now: Date): string | undefined {
  if (lease !== undefined && lease.expiresAt > now) return lease.waiting;
  const name = `device "${device.name}"`;
  if (device.isBusy) return `${name} measures something else first`;
  const { askedAt } = device;
  if (askedAt !== undefined && now.getTime() - askedAt.getTime() < QUIET_AFTER_MS) return undefined;
  if (lease !== undefined)
    return `nothing was heard of agent "${lease.agentName}", which measures on ${name}, since ${minuteOf(lease.heardAt)}`;
  return askedAt === undefined
    ? `no agent of ${name} has ever asked for work`
    : `no agent of ${name} has asked for work since ${minuteOf(askedAt)}`;
}

/** `2026-11-26 12:03 UTC` */
function minuteOf(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
