import { BundleError, BundleScan } from '#bundle';
import { freeChunk } from '#runtime';
import type { PieceReader } from './answer-pieces.js';
import { contentOf } from './bundle-content.js';
import type { IntakeContent } from './intake-messages.js';
import type { Piece } from './piece-window.js';

/** Finds out whether a file is a bundle that can be published. */
export class BundleReading implements PieceReader<IntakeContent> {
  private readonly scan = new BundleScan();
  private fault: string | undefined;

  add({ chunks }: Piece): [] {
    for (const chunk of chunks) {
      if (this.fault === undefined) this.noting(() => this.scan.add(chunk));
      freeChunk(chunk);
    }
    return [];
  }

  finish(): IntakeContent {
    const content = this.fault === undefined ? this.noting(() => contentOf(this.scan.finish())) : undefined;
    return content ?? { fault: this.fault! };
  }

  private noting<Result>(read: () => Result): Result | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof BundleError)) throw error;
      this.fault = error.message;
      return undefined;
    }
  }
}
