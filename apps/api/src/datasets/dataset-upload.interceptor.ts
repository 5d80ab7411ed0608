import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Request } from 'express';
import { finalize, type Observable } from 'rxjs';
import { noteUploadDigests } from '../http/request-fingerprint.js';

type UploadedFile = Express.Multer.File;

/** Runs after Multer: has the files count for the Idempotency-Key, and removes them when the request is over. */
@Injectable()
export class DatasetUploadInterceptor implements NestInterceptor {
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

function filesOf({ files }: Request): UploadedFile[] {
  return Array.isArray(files) ? files : Object.values(files ?? {}).flat();
}

/** By part and file name. One after the other: there may be thousands. */
async function digestsOf(files: readonly UploadedFile[]): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const { fieldname, originalname, path } of files) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    digests[`${fieldname}/${originalname}`] = hash.digest('hex');
  }
  return digests;
}
