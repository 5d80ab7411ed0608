/** What the user of the command can mend; its message says how. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
