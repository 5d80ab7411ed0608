import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { PieceReader } from './answer-pieces.js';
import type { IntakeDigest } from './intake-messages.js';
import type { Piece } from './piece-window.js';

/** Takes a file's digest and writes it. */
export class DigestReading implements PieceReader<IntakeDigest> {
  private readonly hash = createHash('sha256');
  private bytes = 0;

  /**
   * @param file gets the piece by this thread: its cache has it then
   * @throws the error of node:fs
   */
  add({ chunks }: Piece, file: number | undefined): Piece['chunks'] {
    for (const chunk of chunks) {
      this.hash.update(chunk);
      if (file !== undefined) writeAll(file, chunk, this.bytes);
      this.bytes += chunk.length;
    }
    return chunks;
  }

  finish(): IntakeDigest {
    return { digest: this.hash.digest('hex'), bytes: this.bytes };
  }
}

function writeAll(file: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(file, bytes, done, bytes.length - done, at + done);
  }
}
