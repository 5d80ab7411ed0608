import { Body, Controller, Delete, Get, Headers, HttpCode, Patch, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { AppError, CreateUpload, Upload, type Actor } from '#contracts';
import { Allows } from '../access/allows.decorator.js';
import { checked } from '../http/contract.pipe.js';
import { Creates, LOCATION } from '../http/creates.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { AcceptsBody } from '../http/media-type.guard.js';
import { ForNew, type NewId } from '../http/new-id.js';
import { ResourceId } from '../http/resource-id.js';
import { BODY_PROBLEMS, Documented } from '../openapi/documented.decorator.js';
import { ResumableUploads } from './resumable-uploads.js';

const OFFSET = 'Upload-Offset';
const LENGTH = 'Upload-Length';
const PART_TYPES = ['application/offset+octet-stream', 'application/octet-stream'] as const;

const PROGRESS = {
  [OFFSET]: 'bytes that have come, and where the next part begins',
  [LENGTH]: 'bytes of the whole file',
};
const ANSWER = { description: 'how far it is', schema: Upload, headers: PROGRESS };

const Offset = z.object({
  [OFFSET]: z
    .string()
    .regex(/^\d{1,15}$/, 'expected a whole number of bytes')
    .transform(Number),
});

/** Files in parts, as tus has them: who was cut off asks for the offset and goes on from there. */
@ApiTags('uploads')
@Controller('v1/uploads')
export class UploadsController {
  constructor(private readonly uploads: ResumableUploads) {}

  @Post()
  @Allows('member')
  @Creates(201, {
    id: 'createUpload',
    summary: 'Announce a file that is to be uploaded',
    description: 'It is complete at once where the team has the file.',
    answers: {
      200: { ...ANSWER, description: 'an upload of the same file that the same key has begun' },
      201: { ...ANSWER, headers: { ...PROGRESS, ...LOCATION } },
    },
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body({ schema: CreateUpload }) body: CreateUpload,
    @ForNew() { id, mayExist }: NewId,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Upload> {
    const earlier = mayExist ? await this.uploads.get(actor, id).catch(unlessMissing) : undefined;
    const { upload, isNew } = earlier
      ? { upload: earlier, isNew: true }
      : await this.uploads.begin(actor, body, id);
    response.location(`/v1/uploads/${upload.id}`);
    if (!isNew) response.status(200);
    return told(upload, response);
  }

  @Get(':id')
  @Allows('member')
  @Documented({
    id: 'getUpload',
    summary: 'Read how far an upload is',
    description: 'HEAD answers with the same headers.',
    answers: { 200: ANSWER },
    problems: ['not_found'],
  })
  async get(
    @CurrentActor() actor: Actor,
    @ResourceId('upload') id: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Upload> {
    response.set('Cache-Control', 'no-store');
    return told(await this.uploads.get(actor, id), response);
  }

  @Patch(':id')
  @Allows('member')
  @AcceptsBody(...PART_TYPES)
  @Documented({
    id: 'uploadPart',
    summary: 'Send the next part of a file, or all of it',
    description:
      'What came of a body that breaks off is kept. With the last byte the content is held to the digest: ' +
      'what has another one is thrown away.',
    answers: { 200: ANSWER },
    problems: [...BODY_PROBLEMS, 'not_found', 'upload_offset_conflict', 'upload_corrupt'],
    headers: { [OFFSET]: 'where the part begins: what the upload has already' },
    requestBody: { required: true, content: Object.fromEntries(PART_TYPES.map((type) => [type, {}])) },
  })
  async append(
    @CurrentActor() actor: Actor,
    @ResourceId('upload') id: string,
    @Headers(OFFSET) sent: string | undefined,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Upload> {
    const known = await this.uploads.get(actor, id);
    const { [OFFSET]: offset } = checked(Offset, sent === undefined ? {} : { [OFFSET]: sent }, 'headers');
    told(known, response); // a refusal says where to go on, too
    return told(await this.uploads.append(actor, id, offset, request), response);
  }

  @Delete(':id')
  @Allows('member')
  @HttpCode(204)
  @Documented({
    id: 'deleteUpload',
    summary: 'Give an upload up',
    answers: { 204: { description: 'gone' } },
    problems: ['not_found'],
  })
  remove(@CurrentActor() actor: Actor, @ResourceId('upload') id: string): Promise<void> {
    return this.uploads.remove(actor, id);
  }
}

function told(upload: Upload, response: Response): Upload {
  response.set({ [OFFSET]: String(upload.offset), [LENGTH]: String(upload.bytes) });
  return upload;
}

function unlessMissing(error: unknown): undefined {
  if (!(error instanceof AppError) || error.code !== 'not_found') throw error;
}
