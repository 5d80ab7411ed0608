/** What the user of the command can mend; its message says how. */
export class PlanError extends Error {
  override readonly name = 'PlanError';
}
