import type { Readable } from 'node:stream';

/**
 * Content that nobody reads yet. A stream may fail before that (its file is not there, say), and an error that nobody
 * listens to ends the process; who reads it later is told.
 */
export function unread(content: Readable): Readable {
  return content.on('error', () => {});
}
