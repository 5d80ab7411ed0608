import { MessageChannel, type MessagePort } from 'node:worker_threads';

/** What is sent to a closed port leaves this thread and arrives nowhere. */
const nowhere = closedPort();

/**
 * Gives a buffer's memory back now, not whenever the collector comes by: megabytes would pile up until then, and have it look through
 * all objects. Nothing may use the buffer any more, views of it are empty.
 * @throws DOMException for a buffer that is not the caller's to give away, such as the pool of small Buffers
 */
export function freeAtOnce(memory: ArrayBuffer): void {
  nowhere.postMessage(undefined, [memory]);
}

function closedPort(): MessagePort {
  const { port1 } = new MessageChannel();
  port1.close();
  return port1;
}
