import { Controller, Get, Post, Query, Req, Res, UseInterceptors } from '@nestjs/common';
import { FilesInterceptor } from '@nestjs/platform-express';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { LatencyTableHeader, PageQuery, type Actor, type Page } from '#contracts';
import { DeviceService, LatencyImports, LatencyTables } from '#devices';
import { Allows } from '../access/allows.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { Creates, LOCATION } from '../http/creates.decorator.js';
import { AcceptsBody } from '../http/media-type.guard.js';
import { ForNew, madeOnce, type NewId } from '../http/new-id.js';
import { ResourceId } from '../http/resource-id.js';
import { LatencyTablePage } from '../openapi/components.js';
import { Documented } from '../openapi/documented.decorator.js';
import { namesUploadLimits } from '../uploads/names-upload-limits.js';
import { UploadedFilesInterceptor } from '../uploads/uploaded-files.interceptor.js';
import { IMPORT_BODY } from './import-body.documentation.js';
import { FILE_PART, IMPORT_PARTS, importRequest, MAX_IMPORTED_FILES } from './import.request.js';

@ApiTags('latency tables')
@Controller('v1/devices/:id/latency-tables')
export class DeviceLatencyTablesController {
  constructor(
    private readonly devices: DeviceService,
    private readonly tables: LatencyTables,
    private readonly imports: LatencyImports,
  ) {}

  @Post()
  @Allows('member')
  @AcceptsBody('multipart/form-data')
  @Creates(201, {
    id: 'importLatencyTable',
    summary: 'Import a latency table that other tools have measured',
    description:
      'Everything is read and checked before anything is stored; docs/latency-tables.md has the formats.',
    answers: {
      201: { description: 'the table without its cells', schema: LatencyTableHeader, headers: LOCATION },
    },
    problems: ['not_found', 'latency_table_unreadable'],
    requestBody: IMPORT_BODY,
  })
  // Interceptors run from the lowest decorator up: the files are there before the Idempotency-Key is looked at.
  @UseInterceptors(
    namesUploadLimits(IMPORT_PARTS),
    FilesInterceptor(FILE_PART, MAX_IMPORTED_FILES),
    UploadedFilesInterceptor,
  )
  async import(
    @CurrentActor() actor: Actor,
    @ResourceId('device') id: string,
    @Req() request: Request,
    @ForNew() newId: NewId,
    @Res({ passthrough: true }) response: Response,
  ): Promise<LatencyTableHeader> {
    const { options, files } = importRequest(request);
    const table = await madeOnce(
      newId,
      (tableId) => this.tables.header(actor, tableId),
      (tableId) => this.imports.create(actor, id, options, files, tableId),
    );
    response.location(`/v1/latency-tables/${table.id}`);
    return table;
  }

  @Get()
  @Allows('viewer')
  @Documented({
    id: 'listLatencyTablesOfDevice',
    summary: "List a device's latency tables without their cells, newest first",
    answers: { 200: { description: 'a page of latency tables', schema: LatencyTablePage } },
    problems: ['invalid_request', 'not_found'],
  })
  async list(
    @CurrentActor() actor: Actor,
    @ResourceId('device') id: string,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<LatencyTableHeader>> {
    const device = await this.devices.get(actor, id);
    return this.tables.list(actor, { ...query, deviceId: device.id });
  }
}
