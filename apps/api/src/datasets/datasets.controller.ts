import { Controller, Get, Post, Query, Req, Res, UseInterceptors } from '@nestjs/common';
import { FileFieldsInterceptor } from '@nestjs/platform-express';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Dataset, IDX_FILES, PageQuery, type Actor, type Page } from '#contracts';
import { Allows } from '../access/allows.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { Creates, LOCATION } from '../http/creates.decorator.js';
import { AcceptsBody } from '../http/media-type.guard.js';
import { ForNew, madeOnce, type NewId } from '../http/new-id.js';
import { ResourceId } from '../http/resource-id.js';
import { DatasetPage } from '../openapi/components.js';
import { Documented } from '../openapi/documented.decorator.js';
import { namesUploadLimits } from '../uploads/names-upload-limits.js';
import { UploadedFilesInterceptor } from '../uploads/uploaded-files.interceptor.js';
import { datasetRequest } from './create-dataset.request.js';
import { DATASET_BODY } from './dataset-body.documentation.js';
import { DatasetService } from './dataset.service.js';
import { FILES_PART, MAX_UPLOADED_FILES, UPLOAD_PARTS } from './uploaded-files.js';

@ApiTags('datasets')
@Controller('v1/datasets')
export class DatasetsController {
  constructor(private readonly datasets: DatasetService) {}

  @Post()
  @Allows('member')
  @AcceptsBody('application/json', 'multipart/form-data')
  @Creates(201, {
    id: 'createDataset',
    summary: 'Register a dataset by where it lies, or upload one',
    answers: { 201: { description: 'the dataset', schema: Dataset, headers: LOCATION } },
    problems: ['dataset_unreadable', 'already_exists'],
    requestBody: DATASET_BODY,
  })
  // Interceptors run from the lowest decorator up: the files are there before the Idempotency-Key is looked at.
  @UseInterceptors(
    namesUploadLimits(UPLOAD_PARTS),
    FileFieldsInterceptor([
      ...IDX_FILES.map((name) => ({ name, maxCount: 1 })),
      { name: FILES_PART, maxCount: MAX_UPLOADED_FILES },
    ]),
    UploadedFilesInterceptor,
  )
  async create(
    @CurrentActor() actor: Actor,
    @Req() request: Request,
    @ForNew() newId: NewId,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Dataset> {
    const asked = datasetRequest(request);
    const dataset = await madeOnce(
      newId,
      (id) => this.datasets.get(actor, id),
      (id) =>
        asked.kind === 'json'
          ? this.datasets.register(actor, asked.body, id)
          : this.datasets.upload(actor, asked.form, asked.files, id),
    );
    response.location(`/v1/datasets/${dataset.id}`);
    return dataset;
  }

  @Get()
  @Allows('viewer')
  @Documented({
    id: 'listDatasets',
    summary: 'List datasets, newest first',
    answers: { 200: { description: 'a page of datasets', schema: DatasetPage } },
    problems: ['invalid_request'],
  })
  list(@CurrentActor() actor: Actor, @Query({ schema: PageQuery }) query: PageQuery): Promise<Page<Dataset>> {
    return this.datasets.list(actor, query);
  }

  @Get(':id')
  @Allows('viewer')
  @Documented({
    id: 'getDataset',
    summary: 'Read a dataset',
    answers: { 200: { description: 'the dataset', schema: Dataset } },
    problems: ['not_found'],
  })
  get(@CurrentActor() actor: Actor, @ResourceId('dataset') id: string): Promise<Dataset> {
    return this.datasets.get(actor, id);
  }
}
