import { createHash } from 'node:crypto';
import { BundleError, BundleScan } from '#bundle';
import { contentOf } from './bundle-content.js';
import type { WholeFile } from './intake-messages.js';
import type { Piece } from './piece-ring.js';

/** A file that comes in pieces: its digest, and whether it is a bundle that can be published. */
export class FileReading {
  private readonly hash = createHash('sha256');
  private readonly scan = new BundleScan();
  private bytes = 0;
  private fault: string | undefined;

  /** @throws RangeError for a piece that does not follow: another thread may have had those before it */
  add({ bytes, at }: Piece): void {
    if (at !== this.bytes) throw new RangeError(`the piece begins at byte ${at}: expected ${this.bytes}`);
    this.hash.update(bytes);
    this.bytes += bytes.length;
    if (this.fault === undefined) this.noting(() => this.scan.add(bytes));
  }

  finish(): WholeFile {
    const content = this.fault === undefined ? this.noting(() => contentOf(this.scan.finish())) : undefined;
    return {
      ...{ digest: this.hash.digest('hex'), bytes: this.bytes },
      content: content ?? { fault: this.fault! },
    };
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
