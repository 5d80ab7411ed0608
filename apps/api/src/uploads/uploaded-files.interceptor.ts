import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Request } from 'express';
import { finalize, type Observable } from 'rxjs';
import { noteUploadDigests } from '../http/request-fingerprint.js';

const DIGESTS = new WeakMap<UploadedFile, string>();

type UploadedFile = Express.Multer.File;

/** Runs after Multer: has the files count for the Idempotency-Key, and removes them when the request is over. */
@Injectable()
export class UploadedFilesInterceptor implements NestInterceptor {
  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<Request>();
    const files = filesOf(request);
    const remove = async () => {
      for (const file of files) await rm(file.path, { force: true });
    };
    try {
      noteUploadDigests(request, await digestsOf(files));
    } catch (error) {
      await remove();
      throw error;
    }
    return next.handle().pipe(finalize(() => void remove()));
  }
}

/** SHA-256 of a file that the interceptor has seen. @throws Error for another, which is a mistake in the wiring */
export function digestOfUpload(file: UploadedFile): string {
  const digest = DIGESTS.get(file);
  if (digest === undefined) throw new Error('no UploadedFilesInterceptor ran before this route');
  return digest;
}

function filesOf({ files }: Request): UploadedFile[] {
  return Array.isArray(files) ? files : Object.values(files ?? {}).flat();
}

/** By part and file name. One after the other: there may be thousands. */
async function digestsOf(files: readonly UploadedFile[]): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const file of files) {
    const { fieldname, originalname, path } = file;
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    const digest = hash.digest('hex');
    DIGESTS.set(file, digest);
    digests[`${fieldname}/${originalname}`] = digest;
  }
  return digests;
}
