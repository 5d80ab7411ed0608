import { rm } from 'node:fs/promises';
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Request } from 'express';
import { finalize, type Observable } from 'rxjs';
import { noteUploadDigests } from '../http/request-fingerprint.js';
import type { UploadedFile } from './bounded-disk-storage.js';

/** Runs after Multer: has the files count for the Idempotency-Key, and removes them when the request is over. */
@Injectable()
export class UploadedFilesInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<Request>();
    const files = filesOf(request);
    noteUploadDigests(request, digestsOf(files));
    const remove = async () => {
      for (const file of files) await rm(file.path, { force: true });
    };
    return next.handle().pipe(finalize(() => void remove()));
  }
}

function filesOf({ files }: Request): UploadedFile[] {
  return (Array.isArray(files) ? files : Object.values(files ?? {}).flat()) as UploadedFile[];
}

/** By part and file name. */
function digestsOf(files: readonly UploadedFile[]): Record<string, string> {
  return Object.fromEntries(
    files.map(({ fieldname, originalname, digest }) => [`${fieldname}/${originalname}`, digest]),
  );
}
