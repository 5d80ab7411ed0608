import type { ChannelGroup } from '#network';

/** What every group's kept channels must obey, whatever the ratio. */
export interface WidthConstraints {
  /** Every group keeps at least this many, or all of them where it has fewer. */
  readonly minChannels: number;
  /** Kept channels are rounded up to a multiple of this, or to all of them. */
  readonly channelMultiple: number;
}

/** A group's kept channels, made to obey the constraints; never fewer than asked for, monotone in `channels`. */
export function constrainedWidth(
  channels: number,
  group: ChannelGroup,
  constraints: WidthConstraints,
): number {
  const { minChannels, channelMultiple } = constraints;
  const atLeast = Math.max(channels, minChannels);
  return Math.min(group.channels, Math.ceil(atLeast / channelMultiple) * channelMultiple);
}

/** @throws RangeError naming the constraint that is none */
export function checkConstraints({ minChannels, channelMultiple }: WidthConstraints): void {
  requirePositiveInteger('minChannels', minChannels);
  requirePositiveInteger('channelMultiple', channelMultiple);
}

function requirePositiveInteger(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new RangeError(`${name} ${value}: expected an integer of at least 1`);
}
