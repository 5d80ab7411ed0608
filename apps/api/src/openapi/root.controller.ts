import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { isochronVersion } from '#runtime';
import { Public } from '../access/allows.decorator.js';
import { Documented } from './documented.decorator.js';

/** What GET / answers: where everything else is. */
const Root = z.object({
  name: z.string(),
  version: z.string(),
  openapi: z.string().describe('path of the description of all routes'),
  api: z.string().describe('what the paths of all resources begin with'),
  health: z.string(),
  documentation: z.string().describe('where to begin reading, in the source'),
});
type Root = z.infer<typeof Root>;

@ApiTags('health')
@Controller()
export class RootController {
  @Get()
  // Whoever finds the service is told what it is, as in the OpenAPI document.
  @Public()
  @Documented({
    id: 'getRoot',
    summary: 'What this service is and where it is described',
    answers: { 200: { description: 'paths to go on with', schema: Root } },
  })
  read(): Root {
    return {
      ...{ name: 'Isochron', version: isochronVersion(), openapi: '/openapi.json', api: '/v1' },
      ...{ health: '/health/ready', documentation: 'docs/README.md' },
    };
  }
}
