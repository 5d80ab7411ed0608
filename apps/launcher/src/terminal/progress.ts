import { clearLine, cursorTo } from 'node:readline';
import type { Writable } from 'node:stream';
import { Presets, SingleBar } from 'cli-progress';

const PLAIN_EVERY_MS = 2_000;
const LABEL_WIDTH = 26;

export interface Progress {
  /** Fraction 0..1; detail is short text such as "epoch 1/2, loss 0.31". */
  update(fraction: number, detail?: string): void;
  /** Ends the bar as complete. */
  finish(detail?: string): void;
  /** Ends the bar where it stands. */
  stop(): void;
  /** Called before a line is written while the bar is on the screen. */
  makeRoom(): void;
}

/** A bar that redraws its line. */
export class ProgressBar implements Progress {
  readonly #bar: SingleBar;
  #fraction = 0;

  constructor(
    label: string,
    private readonly output: Writable,
    private readonly ended: () => void,
  ) {
    this.#bar = new SingleBar(
      {
        format: `${label.padEnd(LABEL_WIDTH)} {bar} {percentage} %  {detail}`,
        stream: output,
        barsize: 24,
        hideCursor: true,
        linewrap: false,
        fps: 8,
        gracefulExit: false, // signals are the launcher's business
      },
      Presets.shades_classic,
    );
    this.#bar.start(100, 0, { detail: '' });
  }

  update(fraction: number, detail = ''): void {
    this.#fraction = clamp(fraction);
    this.#bar.update(Math.floor(this.#fraction * 100), { detail });
  }

  finish(detail = ''): void {
    this.update(1, detail);
    this.stop();
  }

  stop(): void {
    this.#bar.stop();
    this.ended();
  }

  makeRoom(): void {
    clearLine(this.output, 0);
    cursorTo(this.output, 0);
  }
}

/** Lines at most every couple of seconds, none twice in a row, for logs and pipes. */
export class PlainProgress implements Progress {
  #lastAt = -Infinity;
  #lastLine = '';

  constructor(
    private readonly label: string,
    private readonly output: Writable,
    private readonly ended: () => void,
    private readonly now: () => number = Date.now,
  ) {}

  update(fraction: number, detail = ''): void {
    if (this.now() - this.#lastAt < PLAIN_EVERY_MS) return;
    this.#lastAt = this.now();
    this.#line(fraction, detail);
  }

  finish(detail = ''): void {
    this.#line(1, detail);
    this.stop();
  }

  stop(): void {
    this.ended();
  }

  makeRoom(): void {}

  #line(fraction: number, detail: string): void {
    const done = `${Math.floor(clamp(fraction) * 100)} %`;
    const line = [`${this.label}: ${done}`, detail].filter(Boolean).join(', ');
    if (line !== this.#lastLine) this.output.write(`${line}\n`);
    this.#lastLine = line;
  }
}

const clamp = (fraction: number) => Math.min(1, Math.max(0, fraction));
