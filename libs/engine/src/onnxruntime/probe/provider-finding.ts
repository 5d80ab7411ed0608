import type { Availability } from '../../availability.js';

/** What a probe of one provider found out. */
export type ProviderFinding = Pick<
  Availability,
  'available' | 'reason' | 'install' | 'lacksCard' | 'detail' | 'fallback'
>;

/** The part of an error of ONNX Runtime that means something to a user: its sources and conditions are left out. */
export function withoutSource(message: string): string {
  const condition = /was false\. ([^]+)$/.exec(message);
  return (condition?.[1] ?? message).trim();
}
