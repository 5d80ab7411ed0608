/** Relative: float32 sums in another order move the loss of a fifth step by less than a tenth of it. */
const TOLERANCE = 1e-3;

interface Trained {
  readonly name: string;
  readonly work: string;
  /** By step, one for each network that the step trains. */
  readonly losses: readonly (readonly number[])[];
}

/** Two sides that were meant to do the same work did not. */
export class DisagreementError extends Error {
  override readonly name = 'DisagreementError';
}

/**
 * Holds the losses of everyone to those of the first one of the same work, as far as both went.
 * @throws DisagreementError naming the worst difference of each that disagrees.
 */
export function checkAgreement(all: readonly Trained[]): void {
  const problems = all.flatMap((each) => {
    const first = all.find(({ work }) => work === each.work)!;
    const worst = worstDifference(first, each);
    if (worst.difference <= TOLERANCE) return [];
    return `${each.work}, step ${worst.step}: ${each.name} has a loss of ${worst.loss}, ${first.name} one of ${worst.expected}`;
  });
  if (problems.length > 0) throw new DisagreementError(`losses differ: ${problems.join('; ')}`);
}

interface Difference {
  /** Relative to the expected loss; of what is no number, infinite. */
  readonly difference: number;
  /** From 1. */
  readonly step: number;
  readonly loss: number;
  readonly expected: number;
}

/** The largest difference of two loss curves from the same start. */
export function worstDifference(
  { losses: expected }: Pick<Trained, 'losses'>,
  { losses }: Pick<Trained, 'losses'>,
): Difference {
  const steps = Math.min(expected.length, losses.length);
  const differences = Array.from({ length: steps }, (_, step) =>
    expected[step]!.map((loss, network) => differenceAt(step + 1, losses[step]![network]!, loss)),
  ).flat();
  return differences.reduce((worst, each) => (each.difference > worst.difference ? each : worst));
}

function differenceAt(step: number, loss: number, expected: number): Difference {
  const difference = Math.abs(loss - expected) / Math.abs(expected);
  return { difference: Number.isNaN(difference) ? Infinity : difference, step, loss, expected };
}
