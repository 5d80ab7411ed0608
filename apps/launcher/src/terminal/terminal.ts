import type { Writable } from 'node:stream';
import { PlainProgress, ProgressBar, type Progress } from './progress.js';

type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** What the user sees: lines of text and one progress bar at a time, or plain lines where the output is no terminal. */
export class Terminal {
  #progress: Progress | undefined;

  constructor(
    private readonly output: Output = process.stdout,
    private readonly errors: Output = process.stderr,
  ) {}

  say(text: string): void {
    this.#progress?.makeRoom();
    this.output.write(`${text}\n`);
  }

  /** Something the user should look at. */
  warn(text: string): void {
    this.#progress?.makeRoom();
    this.errors.write(`${text}\n`);
  }

  /** Begins a bar; the one before, if any, is ended where it stands. */
  progress(label: string): Progress {
    this.#progress?.stop();
    const ended = () => (this.#progress = undefined);
    this.#progress = this.output.isTTY
      ? new ProgressBar(label, this.output, ended)
      : new PlainProgress(label, this.output, ended);
    return this.#progress;
  }

  /** Leaves a half-drawn bar behind cleanly. */
  close(): void {
    this.#progress?.stop();
  }
}
