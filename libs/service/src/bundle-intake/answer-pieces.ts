import { parentPort } from 'node:worker_threads';
import type { IntakeReply, IntakeRequest } from './intake-messages.js';
import { bytesOf, type Piece } from './piece-window.js';

/** Reads one file that comes in pieces. */
export interface PieceReader<Whole> {
  /**
   * @param file descriptor of the file that gets all of it
   * @returns what is to be handed back of the chunks
   */
  add(piece: Piece, file: number | undefined): Piece['chunks'];
  finish(): Whole;
}

interface Reading<Whole> {
  readonly reader: PieceReader<Whole>;
  bytes: number;
}

/** Has this thread answer the requests of an intake, for every file with a reader of its own. */
export function answerPieces<Whole>(readerFor: () => PieceReader<Whole>): void {
  const readings = new Map<number, Reading<Whole>>();
  const readingOf = (intake: number) => {
    const reading = readings.get(intake) ?? { reader: readerFor(), bytes: 0 };
    readings.set(intake, reading);
    return reading;
  };
  const replyTo = (request: IntakeRequest): IntakeReply<Whole> => {
    const { intake } = request;
    try {
      if (request.kind === 'piece') return { kind: 'done', chunks: add(readingOf(intake), request) };
      if (request.kind === 'forget') return { kind: 'done', chunks: [] };
      const { reader, bytes } = readingOf(intake);
      if (request.bytes !== bytes) throw new RangeError(`${bytes} bytes came, expected ${request.bytes}`);
      return { kind: 'whole', whole: reader.finish() };
    } catch (error) {
      const { stack, code } = error as NodeJS.ErrnoException;
      return { kind: 'failed', stack: stack ?? String(error), code };
    } finally {
      if (request.kind !== 'piece') readings.delete(intake);
    }
  };
  parentPort!.on('message', (request: IntakeRequest) => {
    const reply = replyTo(request);
    const handedBack = reply.kind === 'done' ? reply.chunks.map(({ buffer }) => buffer) : [];
    parentPort!.postMessage(reply, handedBack);
  });
}

/** @throws RangeError for a piece that does not follow: another thread may have had those before it; what the reader throws */
function add<Whole>(reading: Reading<Whole>, request: Extract<IntakeRequest, { kind: 'piece' }>) {
  const { at, chunks, file } = request;
  const { reader, bytes } = reading;
  if (at !== bytes) throw new RangeError(`the piece begins at byte ${at}: expected ${bytes}`);
  reading.bytes += bytesOf(chunks);
  return reader.add(request, file);
}
