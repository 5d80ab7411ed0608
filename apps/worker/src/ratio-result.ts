import type { RatioResult } from '#contracts';
import type { RatioMember } from '#pruning';

/** What a result says of one member of a family. @param accuracy top-1, 0..1 */
export function ratioResult(member: RatioMember, accuracy: number): RatioResult {
  const { ratio, threshold, widths, cost, derived = false } = member;
  return { ratio, threshold, widths: { ...widths }, ...cost, accuracy, derived };
}
