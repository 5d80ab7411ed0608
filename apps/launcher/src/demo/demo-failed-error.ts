/** The demo cannot go on; the message says why, and where to look. */
export class DemoFailedError extends Error {
  override readonly name = 'DemoFailedError';
}
