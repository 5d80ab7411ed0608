/** What came of a command. */
export interface Finished {
  readonly exitCode: number;
  /** For standard output. */
  readonly output: string;
  /** For standard error. */
  readonly errors: string;
}
