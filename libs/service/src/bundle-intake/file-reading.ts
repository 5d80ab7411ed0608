import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { BundleError, BundleScan } from '#bundle';
import { freeChunk } from '#runtime';
import { contentOf } from './bundle-content.js';
import type { WholeFile } from './intake-messages.js';
import type { Piece } from './piece-window.js';

/** A file that comes in pieces: its digest, and whether it is a bundle that can be published. */
export class FileReading {
  private readonly hash = createHash('sha256');
  private readonly scan = new BundleScan();
  private bytes = 0;
  private fault: string | undefined;

  /**
   * @param file gets the piece too, by this thread: its cache has it then
   * @throws RangeError for a piece that does not follow: another thread may have had those before it; the error of node:fs
   */
  add({ chunks, at }: Piece, file: number | undefined): void {
    if (at !== this.bytes) throw new RangeError(`the piece begins at byte ${at}: expected ${this.bytes}`);
    for (const chunk of chunks) {
      this.hash.update(chunk);
      if (this.fault === undefined) this.noting(() => this.scan.add(chunk));
      if (file !== undefined) writeAll(file, chunk, this.bytes);
      this.bytes += chunk.length;
      freeChunk(chunk);
    }
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

function writeAll(file: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(file, bytes, done, bytes.length - done, at + done);
  }
}
