import type { Readable } from 'node:stream';
import type { Request, Response } from 'express';
import { AppError } from '#contracts';
import type { ByteRange, StoredArtifact } from '#storage';
import { byteRangeOf } from './byte-range.js';
import { sendContent } from './send-content.js';

interface Exchange {
  readonly request: Request;
  readonly response: Response;
}

/** A file that is sent. */
interface SentArtifact extends StoredArtifact {
  /** Whether another file may be sent from the same place later on: who has this one must ask whether it is still that. */
  readonly mayChange?: boolean;
}

type OpenArtifact = (digest: string, range: ByteRange | undefined) => Promise<Readable>;

/**
 * Sends an artifact: whole or the range asked for, nothing when the client has it. `Repr-Digest` (RFC 9530) is the
 * digest of the whole file; `Content-Digest` goes with the whole file alone.
 * @throws AppError range_not_satisfiable
 */
export async function sendArtifact(
  { request, response }: Exchange,
  artifact: SentArtifact,
  fileName: string,
  open: OpenArtifact,
): Promise<void> {
  const digest = `sha-256=:${Buffer.from(artifact.digest, 'hex').toString('base64')}:`;
  const etag = `"${artifact.digest}"`;
  response.set({
    ETag: etag,
    'Accept-Ranges': 'bytes',
    'Cache-Control': artifact.mayChange ? 'private, no-cache' : 'private, max-age=31536000, immutable',
    'Repr-Digest': digest,
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': `attachment; filename="${fileName}"`,
  });
  if (request.fresh) return void response.status(304).end();
  const range = rangeFor(request, response, artifact, etag);
  if (range === undefined) response.set('Content-Digest', digest);
  response.set('Content-Length', String(range ? range.last - range.first + 1 : artifact.bytes));
  if (request.method === 'HEAD') return void response.end();
  await sendContent(response, await open(artifact.digest, range));
}

/** Sets status and Content-Range of a partial answer. */
function rangeFor(
  request: Request,
  response: Response,
  artifact: StoredArtifact,
  etag: string,
): ByteRange | undefined {
  const condition = request.get('If-Range');
  if (condition !== undefined && condition !== etag) return undefined;
  const range = byteRangeOf(request.get('Range'), artifact.bytes);
  if (range === undefined) return undefined;
  if (range === 'unsatisfiable') throw outside(request, response, artifact.bytes);
  response.status(206).set('Content-Range', `bytes ${range.first}-${range.last}/${artifact.bytes}`);
  return range;
}

function outside(request: Request, response: Response, fileBytes: number): AppError {
  response.set('Content-Range', `bytes */${fileBytes}`);
  const value = request.get('Range');
  const expected = `a range within ${fileBytes} bytes`;
  return new AppError('range_not_satisfiable', `Range is "${value}": expected ${expected}`, {
    fields: [{ field: 'Range', value, expected }],
  });
}
