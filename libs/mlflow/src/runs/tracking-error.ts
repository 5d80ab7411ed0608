/**
 * away: nothing is known of the request, or the server is not ready for it: it may be repeated.
 * gone: the server has no such run. refused: repeated, it would be refused again.
 */
export type TrackingFailure = 'away' | 'gone' | 'refused';

/** What a request to an MLflow server failed by. */
export class TrackingError extends Error {
  override readonly name = 'TrackingError';

  constructor(
    readonly failure: TrackingFailure,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
