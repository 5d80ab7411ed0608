import type { Response } from 'express';
import { Writable, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { freeChunk } from '#runtime';

/**
 * Sends content as the rest of an answer; a client that leaves is no error. The memory of every chunk is given back as soon as the
 * kernel has it: left to the collector, a download of 100 MB has it look through the whole heap four times.
 * @throws the error of the content, and one where its length is not what Content-Length says
 */
export async function sendContent(response: Response, content: Readable): Promise<void> {
  response.strictContentLength = true;
  const sink = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      response.write(chunk, (error) => {
        if (error) return void sink.destroy();
        freeChunk(chunk);
        done();
      });
    },
    final(done) {
      response.end(done);
    },
  });
  response.once('close', () => sink.destroy());
  try {
    await pipeline(content, sink);
  } catch (error) {
    const isClosed = (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE';
    if (!isClosed || !response.destroyed) throw error;
  }
}
