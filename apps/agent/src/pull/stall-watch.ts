const STALL_MS = 30_000;

/** Tells when nothing has moved for half a minute: a network that went away says nothing by itself. */
export class StallWatch {
  readonly #controller = new AbortController();
  readonly #timer = setTimeout(
    () => this.#controller.abort(new Error(`nothing came for ${STALL_MS / 1000} seconds`)),
    STALL_MS,
  );

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  moved(): void {
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
