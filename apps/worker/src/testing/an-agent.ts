import type { Actor } from '#contracts';
import type { Service } from '#service';
import { aProvenance } from '#testkit';

export const AGENT = { name: 'agent', version: '1' };

/** Milliseconds that a network of a ratio takes at an operating point. */
export type MsAt = (point: string, ratio: number) => number;

/** Measures the device's next task as an agent would, with the latencies that it is told. @returns what it measured */
export async function measureAsAgent(
  { measuring }: Service,
  actor: Actor,
  deviceId: string,
  msAt: MsAt,
): Promise<[point: string, ratio: number][]> {
  const { signal } = new AbortController();
  const task = await measuring.lease(actor, { deviceId, agent: AGENT, waitMs: 0, signal });
  const { id, cells, leaseToken } = task!;
  for (const { index, operatingPoint, ratio } of cells) {
    const ms = msAt(operatingPoint, ratio);
    const samplesMs = [0.999, 1, 1.001, 1, 1, 1, 1].map((factor) => factor * ms);
    await measuring.uploadCell(actor, id, index, { leaseToken, samplesMs, provenance: aProvenance() });
  }
  await measuring.complete(actor, id, leaseToken);
  return cells.map(({ operatingPoint, ratio }) => [operatingPoint, ratio]);
}
