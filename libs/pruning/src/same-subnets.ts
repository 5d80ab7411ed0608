import type { RatioMember } from './family.js';

/**
 * What there is to say of ratios that are closer than one step of a channel, a sentence for each pair.
 * @param members ascending in ratio
 */
export function sameSubnets(members: readonly Pick<RatioMember, 'ratio' | 'widths'>[]): string[] {
  return members.flatMap(({ ratio, widths }, index) => {
    const before = members[index - 1];
    if (!before || Object.entries(widths).some(([group, width]) => before.widths[group] !== width)) return [];
    return (
      `pruning ratios ${before.ratio} and ${ratio} are closer than one channel: they have the same subnet, each ` +
      'with a BatchNorm of its own'
    );
  });
}
