import { parentPort } from 'node:worker_threads';
import { FileReading } from './file-reading.js';
import type { IntakeReply, IntakeRequest } from './intake-messages.js';

/** A thread that reads files while they come: hashing 100 MB twice takes a fifth of a second, which an API must not stand still for. */

const readings = new Map<number, FileReading>();

parentPort!.on('message', (request: IntakeRequest) => parentPort!.postMessage(replyTo(request)));

function replyTo(request: IntakeRequest): IntakeReply {
  const { intake } = request;
  try {
    if (request.kind === 'piece') readingOf(intake).add(request, request.file);
    if (request.kind !== 'end') return { kind: 'done' };
    return { kind: 'whole', whole: readingOf(intake).finish() };
  } catch (error) {
    return { kind: 'failed', message: (error as Error).stack ?? String(error) };
  } finally {
    if (request.kind !== 'piece') readings.delete(intake);
  }
}

function readingOf(intake: number): FileReading {
  const reading = readings.get(intake) ?? new FileReading();
  readings.set(intake, reading);
  return reading;
}
