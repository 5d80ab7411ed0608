import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { AppError, newAudit, notFound, type Actor, type CreateUpload, type Upload } from '#contracts';
import {
  offsetConflict,
  UPLOAD_KEPT_MS,
  UPLOADS_PREFIX,
  type StoredUpload,
  type UploadPart,
} from '#registry';
import { checking, type Storage } from '#storage';
import { receiveBody, type ReceivedBody } from './receive-body.js';

export interface ResumableUploadsParts {
  readonly storage: Pick<Storage, 'uploads' | 'artifacts' | 'objectFiles'>;
  /** Of this machine: what a request brings lies there until it is stored. */
  readonly folder: string;
  readonly maxFileBytes: number;
}

const MOST_PARTS = 1000;

/**
 * Files that come in one part or several. Parts are kept where all processes find them, so that any of them goes on; a file that comes
 * whole in one request is written once.
 */
export class ResumableUploads {
  constructor(private readonly parts: ResumableUploadsParts) {}

  /** @throws AppError payload_too_large, or invalid_request for another size than the team's file of this digest has */
  async begin(actor: Actor, { digest, bytes }: CreateUpload, id: string) {
    const { maxFileBytes, storage } = this.parts;
    if (bytes > maxFileBytes) throw tooLarge(bytes, maxFileBytes);
    const now = new Date();
    const expiresAt = new Date(now.getTime() + UPLOAD_KEPT_MS).toISOString();
    const upload = { ...newAudit(actor, id, now), digest, bytes, offset: 0, complete: false, expiresAt };
    return storage.uploads.begin(upload);
  }

  /** @throws AppError not_found */
  async get(actor: Actor, id: string): Promise<Upload> {
    return (await this.stored(actor, id)).upload;
  }

  /**
   * Adds a part, or of a body that breaks off what came. The last one completes the upload; one without a byte completes an
   * upload that has all of its parts.
   * @throws AppError not_found, upload_offset_conflict, invalid_request, or upload_corrupt for content of another digest, which is
   * thrown away
   */
  async append(actor: Actor, id: string, offset: number, body: Readable): Promise<Upload> {
    const stored = await this.stored(actor, id);
    const { upload, parts } = stored;
    if (upload.offset !== offset) throw offsetConflict(upload, offset);
    if (upload.complete) return upload;
    if (parts.length >= MOST_PARTS) throw tooManyParts(parts.length);
    const file = path.join(this.parts.folder, randomUUID().replaceAll('-', ''));
    try {
      const maxBytes = upload.bytes - offset;
      const received = await receiveBody(body, file, { maxBytes, tooLong: () => beyondTheEnd(maxBytes) });
      return await this.take(actor, stored, file, received);
    } finally {
      await rm(file, { force: true });
    }
  }

  /** What the artifact store has already stays there, for those who refer to it. @throws AppError not_found */
  async remove(actor: Actor, id: string): Promise<void> {
    const { parts } = await this.stored(actor, id);
    await this.parts.storage.uploads.remove(actor, id);
    await this.removeParts(parts);
  }

  private async take(
    actor: Actor,
    { upload, parts }: StoredUpload,
    file: string,
    { bytes, digest, failure }: ReceivedBody,
  ): Promise<Upload> {
    const { storage } = this.parts;
    const { id, offset } = upload;
    const whole = bytes === upload.bytes && digest !== undefined;
    if (whole) {
      if (digest !== upload.digest) return this.refuse(actor, upload, digest);
      await storage.artifacts.adoptFile(file, digest);
      return storage.uploads.complete(actor, id, new Date());
    }
    const added = bytes === 0 ? { upload, parts } : await this.add(actor, { upload, parts }, file, bytes);
    if (failure !== undefined) throw failure;
    return offset + bytes === upload.bytes ? this.assemble(actor, added) : added.upload;
  }

  private async add(
    actor: Actor,
    { upload: { id: uploadId, offset } }: StoredUpload,
    file: string,
    bytes: number,
  ): Promise<StoredUpload> {
    const { uploads, objectFiles } = this.parts.storage;
    // Several may send the same part at once; one of them is taken.
    const key = `${UPLOADS_PREFIX}${uploadId}/${offset}-${randomUUID()}`;
    await objectFiles.put(key, file);
    return uploads
      .addPart(actor, { uploadId, offset, key, bytes, at: new Date() })
      .catch(async (error: unknown) => {
        await objectFiles.remove(key);
        throw error;
      });
  }

  private async assemble(actor: Actor, { upload, parts }: StoredUpload): Promise<Upload> {
    const { artifacts, uploads } = this.parts.storage;
    const content = checking(upload.digest);
    pipeline(Readable.from(this.contentOf(parts)), content, () => {}); // who reads `content` is told
    try {
      await artifacts.putStream(content);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'artifact_corrupt') throw error;
      return this.refuse(actor, upload, 'another one');
    }
    const complete = await uploads.complete(actor, upload.id, new Date());
    await this.removeParts(parts);
    return complete;
  }

  private async *contentOf(parts: readonly UploadPart[]): AsyncGenerator<Buffer> {
    for (const { key } of parts) {
      const content = await this.parts.storage.objectFiles.open(key);
      if (content === undefined) throw new AppError('internal', `part ${key} of an upload is gone`);
      yield* content as AsyncIterable<Buffer>;
    }
  }

  private async refuse(actor: Actor, { id, digest }: Upload, found: string): Promise<never> {
    await this.remove(actor, id);
    throw new AppError(
      'upload_corrupt',
      `the SHA-256 of the content is ${found}: expected ${digest}; it was thrown away`,
      {
        fields: [{ field: 'digest', value: digest, expected: 'the SHA-256 of what is sent' }],
      },
    );
  }

  private async removeParts(parts: readonly UploadPart[]): Promise<void> {
    for (const { key } of parts) await this.parts.storage.objectFiles.remove(key);
  }

  private async stored(actor: Actor, id: string): Promise<StoredUpload> {
    const stored = await this.parts.storage.uploads.find(actor, id);
    if (stored === undefined) throw notFound('upload', id);
    return stored;
  }
}

function tooLarge(bytes: number, maxBytes: number): AppError {
  const expected = `at most ${maxBytes}`;
  return new AppError('payload_too_large', `bytes is ${bytes}: expected ${expected}`, {
    fields: [{ field: 'bytes', value: bytes, expected }],
  });
}

function tooManyParts(count: number): AppError {
  const expected = `the rest of an upload within ${MOST_PARTS} parts`;
  return new AppError('invalid_request', `the upload has ${count} parts: expected ${expected}`, {
    fields: [{ field: 'body', expected }],
  });
}

function beyondTheEnd(maxBytes: number): AppError {
  const expected = `at most the ${maxBytes} bytes that are left of the upload`;
  return new AppError('invalid_request', `the body is longer than what was announced: expected ${expected}`, {
    fields: [{ field: 'body', expected }],
  });
}
