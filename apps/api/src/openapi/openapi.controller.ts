import { Controller, Get } from '@nestjs/common';
import { ApiTags, type OpenAPIObject } from '@nestjs/swagger';
import { Public } from '../access/allows.decorator.js';
import { Documented } from './documented.decorator.js';
import { OpenApiDocument } from './openapi-document.js';

@ApiTags('health')
@Controller()
export class OpenApiController {
  constructor(private readonly document: OpenApiDocument) {}

  @Get('openapi.json')
  // What the API is, is no secret.
  @Public()
  @Documented({
    id: 'getOpenApi',
    summary: 'This document',
    answers: { 200: { description: 'OpenAPI 3.1', mediaType: 'application/json' } },
  })
  read(): OpenAPIObject {
    return this.document.get();
  }
}
