/** Thrown when a loss or a statistic is NaN or infinite: the learning rate is too high, or the data are. */
export class TrainingDivergedError extends Error {
  override readonly name = 'TrainingDivergedError';
  constructor(
    /** Training steps taken, over all phases, with the one that failed. */
    readonly step: number,
    /** Undefined where a step trains several and nothing tells which of them it was. */
    readonly ratio: number | undefined,
    found: string,
    options?: ErrorOptions,
  ) {
    const where = ratio === undefined ? `step ${step}` : `step ${step}, pruning ratio ${ratio}`;
    super(`training diverged at ${where}: ${found}`, options);
  }
}
