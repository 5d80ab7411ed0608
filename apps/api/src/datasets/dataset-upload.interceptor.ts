import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Request } from 'express';
import { finalize, type Observable } from 'rxjs';
import { noteUploadDigests } from '../http/request-fingerprint.js';

/** Runs after Multer: has the files count for the Idempotency-Key, and removes them when the request is over. */
@Injectable()
export class DatasetUploadInterceptor implements NestInterceptor {
  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<Request>();
    const files = uploadedFiles(request);
    const remove = () => Promise.all(files.map((file) => rm(file.path, { force: true })));
    try {
      const digests = await Promise.all(files.map((file) => digestOf(file.path)));
      noteUploadDigests(
        request,
        Object.fromEntries(files.map((file, index) => [file.fieldname, digests[index]!])),
      );
    } catch (error) {
      await remove();
      throw error;
    }
    return next.handle().pipe(finalize(() => void remove()));
  }
}

function uploadedFiles(request: Request): Express.Multer.File[] {
  const { files } = request;
  return Array.isArray(files) ? files : Object.values(files ?? {}).flat();
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
