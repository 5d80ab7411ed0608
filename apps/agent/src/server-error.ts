/** The server answered with an error. */
export class ServerError extends Error {
  override readonly name = 'ServerError';

  constructor(
    readonly status: number,
    /** Of the problem details, where there were any. */
    readonly code: string | undefined,
    message: string,
  ) {
    super(message);
  }
}

/** The server could not be reached, or the connection broke. */
export class ServerUnreachableError extends Error {
  override readonly name = 'ServerUnreachableError';
}

/** Whether the same request may succeed later. */
export function isTemporary(error: unknown): boolean {
  if (error instanceof ServerUnreachableError) return true;
  return (
    error instanceof ServerError && (error.status >= 500 || error.status === 429 || error.status === 408)
  );
}

/** Whether the task belongs to somebody else by now, or is gone. */
export function isLeaseLost(error: unknown): boolean {
  return error instanceof ServerError && (error.code === 'lease_lost' || error.status === 404);
}
