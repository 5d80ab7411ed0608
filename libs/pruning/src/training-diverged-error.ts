/** Thrown when a loss or a statistic is NaN or infinite: the learning rate is too high, or the data are. */
export class TrainingDivergedError extends Error {
  override readonly name = 'TrainingDivergedError';
  constructor(
    /** Training steps taken, over all phases, with the one that failed. */
    readonly step: number,
    readonly ratio: number,
    found: string,
  ) {
    super(`training diverged at step ${step}, pruning ratio ${ratio}: ${found}`);
  }
}
