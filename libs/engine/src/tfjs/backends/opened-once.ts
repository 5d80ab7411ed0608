import { ExecutorError } from '../../executor.js';
import type { TfjsBackend } from './backend.js';

/**
 * What can be set up but once in a process, such as a number of threads: the first caller says how, later ones get the
 * same.
 */
export class OpenedOnce {
  readonly #name: string;
  #opened: { readonly settings: string; readonly backend: Promise<TfjsBackend> } | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  /** @throws ExecutorError when it was opened with other settings, given in words. */
  async open(settings: string, start: () => Promise<TfjsBackend>): Promise<TfjsBackend> {
    this.#opened ??= { settings, backend: start() };
    const { settings: first, backend } = this.#opened;
    if (first === settings) return backend;
    throw new ExecutorError(
      `tfjs ${this.#name} runs with ${first} in this process, with ${settings} it can in another one`,
    );
  }
}
