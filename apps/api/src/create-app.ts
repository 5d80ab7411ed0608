import 'reflect-metadata';
import { mkdir } from 'node:fs/promises';
import { NestFactory, Reflector } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { ApiModule } from './api.module.js';
import type { ApiParts } from './api-parts.js';
import { sweepUploads } from './uploads/sweep-uploads.js';
import { ActorGuard, ActorResolver } from './http/actor.guard.js';
import { ContractPipe } from './http/contract.pipe.js';
import { MediaTypeGuard } from './http/media-type.guard.js';
import { observeRequests } from './http/observe-requests.js';
import { ProblemFilter } from './http/problem.filter.js';
import { ShutdownSignal } from './http/shutdown-signal.js';
import { nestLogger } from './nest-logger.js';
import { buildDocument } from './openapi/build-document.js';
import { OpenApiDocument } from './openapi/openapi-document.js';

/** Large enough for the samples of one cell (100,000 numbers). */
const JSON_LIMIT = '4mb';
/** How long answers that are under way may take once the service stops. */
const CLOSE_TIMEOUT_MS = 5_000;

export interface RunningApi {
  readonly url: string;
  /** Ends open streams, lets other answers finish and closes the server. */
  close(): Promise<void>;
}

/** Builds the HTTP API and has it listen. */
export async function startApi(parts: ApiParts, listen: { host: string; port: number }): Promise<RunningApi> {
  await mkdir(parts.uploads.folder, { recursive: true });
  await sweepUploads(parts.uploads.folder, (error) => {
    parts.logger.warn({ err: error }, 'what an API left of an upload could not be removed');
  });
  const app = await NestFactory.create<NestExpressApplication>(ApiModule.with(parts), {
    logger: nestLogger(parts.logger),
    bodyParser: false,
    abortOnError: false,
  });
  configure(app, parts);
  app.get(OpenApiDocument).set(buildDocument(app));
  await app.listen(listen.port, listen.host);
  return { url: await app.getUrl(), close: () => close(app) };
}

function configure(app: NestExpressApplication, { logger, metrics }: ApiParts): void {
  app.use(observeRequests({ logger, metrics: metrics.http }));
  app.disable('x-powered-by');
  app.set('etag', 'strong');
  app.use(revalidates);
  app.useBodyParser('json', { limit: JSON_LIMIT });
  app.useGlobalFilters(new ProblemFilter(logger));
  app.useGlobalGuards(new MediaTypeGuard(app.get(Reflector)), new ActorGuard(app.get(ActorResolver)));
  app.useGlobalPipes(new ContractPipe());
}

/**
 * `fetch` sends `no-cache` with every If-None-Match, for which Express answers with everything; but an origin always
 * looks at what it stores, and 304 says just that.
 */
function revalidates(request: Request, _response: Response, next: NextFunction): void {
  delete request.headers['cache-control'];
  next();
}

async function close(app: NestExpressApplication): Promise<void> {
  app.get(ShutdownSignal).abort();
  const server = app.getHttpServer();
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS);
  await app.close();
  clearTimeout(timer);
}
