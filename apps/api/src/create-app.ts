import 'reflect-metadata';
import type { IncomingMessage } from 'node:http';
import { NestFactory, Reflector } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { AccessGuard } from './access/access.guard.js';
import { DeviceScopes } from './access/device-scopes.js';
import { identifies } from './access/identity.js';
import { ApiModule } from './api.module.js';
import type { ApiParts } from './api-parts.js';
import { AuditInterceptor } from './audit/audit.interceptor.js';
import { limitsRate } from './rate-limits/limits-rate.js';
import { UploadFolder } from './uploads/upload-folder.js';
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
const ARTIFACT_PROXY = '/api/2.0/mlflow-artifacts/';

export interface RunningApi {
  readonly url: string;
  /** Where lies what requests bring, until it is stored. */
  readonly uploadFolder: string;
  /** Ends open streams, lets other answers finish and closes the server. */
  close(): Promise<void>;
}

/** Builds the HTTP API and has it listen. */
export async function startApi(parts: ApiParts, listen: { host: string; port: number }): Promise<RunningApi> {
  const uploadFolder = await UploadFolder.open(parts.uploads.folder, {
    onError: (error) =>
      parts.logger.warn({ err: error }, 'what an API left of an upload could not be removed'),
  });
  try {
    return await listening(parts, uploadFolder, listen);
  } catch (error) {
    await uploadFolder.close();
    throw error;
  }
}

async function listening(
  parts: ApiParts,
  uploadFolder: UploadFolder,
  { host, port }: { host: string; port: number },
): Promise<RunningApi> {
  const uploads = { ...parts.uploads, folder: uploadFolder.path };
  const app = await NestFactory.create<NestExpressApplication>(ApiModule.with({ ...parts, uploads }), {
    logger: nestLogger(parts.logger),
    bodyParser: false,
    abortOnError: false,
  });
  configure(app, parts);
  app.get(OpenApiDocument).set(buildDocument(app));
  await app.listen(port, host);
  const stop = async () => {
    await close(app, parts);
    await uploadFolder.close();
  };
  return { url: await app.getUrl(), uploadFolder: uploadFolder.path, close: stop };
}

function configure(app: NestExpressApplication, parts: ApiParts): void {
  const { logger, metrics, service, rateLimiter, trustedProxies } = parts;
  const reflector = app.get(Reflector);
  app.use(observeRequests({ logger, metrics: metrics.http }));
  app.disable('x-powered-by');
  app.set('etag', 'strong');
  if (trustedProxies !== undefined) app.set('trust proxy', trustedProxies);
  app.use(revalidates, identifies(service.apiKeys));
  if (rateLimiter !== undefined) app.use(limitsRate(rateLimiter));
  app.useBodyParser('json', { limit: JSON_LIMIT, type: isJsonToRead });
  const document = app.get(OpenApiDocument);
  app.useGlobalFilters(new ProblemFilter(logger, (path) => document.methodsOf(path)));
  app.useGlobalGuards(new AccessGuard(reflector, app.get(DeviceScopes)), new MediaTypeGuard(reflector));
  app.useGlobalInterceptors(new AuditInterceptor(reflector, service.auditLog, logger));
  app.useGlobalPipes(new ContractPipe());
}

/** Files that MLflow's clients put are kept as they are, JSON too. */
function isJsonToRead({ url = '', headers }: IncomingMessage): boolean {
  const isJson = /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '');
  return isJson && !url.startsWith(ARTIFACT_PROXY);
}

/**
 * `fetch` sends `no-cache` with every If-None-Match, for which Express answers with everything; but an origin always
 * looks at what it stores, and 304 says just that.
 */
function revalidates(request: Request, _response: Response, next: NextFunction): void {
  delete request.headers['cache-control'];
  next();
}

async function close(app: NestExpressApplication, { service }: ApiParts): Promise<void> {
  app.get(ShutdownSignal).abort();
  const server = app.getHttpServer();
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS);
  await app.close();
  clearTimeout(timer);
  await service.apiKeys.settled();
  await Promise.all([service.subnetExports.close(), service.bundleIntake.close()]);
}
