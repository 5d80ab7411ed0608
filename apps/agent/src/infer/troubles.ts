import type { Streams } from '../streams.js';

/** Tells what fails once, though it is tried again and again, until it is over or fails in another way. */
export class Troubles {
  readonly #told = new Map<string, string>();

  constructor(private readonly streams: Pick<Streams, 'err'>) {}

  tell(what: string, text: string): void {
    if (this.#told.get(what) === text) return;
    this.#told.set(what, text);
    this.streams.err(text);
  }

  over(what: string): void {
    this.#told.delete(what);
  }
}
