/** A subnet could not be loaded; the one before it goes on. `cause` says why. */
export class SwitchError extends Error {
  override readonly name = 'SwitchError';

  constructor(
    readonly operatingPoint: string,
    readonly ratio: number,
    cause: unknown,
  ) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`the subnet of ratio ${ratio} for operating point "${operatingPoint}" was not loaded: ${reason}`, {
      cause,
    });
  }
}
