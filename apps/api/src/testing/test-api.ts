import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import type { Actor, Problem, Role } from '#contracts';
import { wireService, type Service, type ServiceOptions } from '#service';
import { testStorage, TYPESCRIPT_NODE_OPTIONS, type TestStorage } from '#testkit';
import type { ApiParts } from '../api-parts.js';
import { startApi } from '../create-app.js';
import { openWebhooks } from '../webhooks/open-webhooks.js';
import { apiMetrics } from '../metrics/api-metrics.js';

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** The HTTP API on a port of its own, over a real database with nothing in it but two teams and their keys. */
export interface TestApi {
  readonly url: string;
  /** Of role admin, of the team of `store.actor`: sent where a request says nothing else. */
  readonly key: string;
  readonly store: TestStorage;
  readonly service: Service;
  /** Of this API alone. */
  readonly uploadFolder: string;
  get<T = any>(path: string, headers?: Record<string, string>): Promise<Answer<T>>;
  post<T = any>(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer<T>>;
  put<T = any>(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer<T>>;
  patch<T = any>(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer<T>>;
  delete<T = any>(path: string, headers?: Record<string, string>): Promise<Answer<T>>;
  /** Of a path or URL of the API, with `key`. */
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
  /** A new key. */
  keyOf(actor: Actor, role: Role, deviceId?: string): Promise<string>;
  /** Lets the API go down as on SIGTERM, before its storage. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** What a test that is about something else needs of the parts around the API. */
const idle = {
  logger: pino({ level: 'silent' }),
  queue: { counts: () => Promise.resolve([]) },
  workers: () => Promise.resolve([]),
};

/**
 * @param changes parts that a test replaces
 * @param options of the services
 * @param elsewhere where artifacts are, if not in a directory of its own
 */
export async function startTestApi(
  changes: Partial<ApiParts> = {},
  options: ServiceOptions = {},
  elsewhere?: { artifactsUrl: string },
): Promise<TestApi> {
  const store = await testStorage(elsewhere);
  const service = wireService(store.storage, { threadOptions: [TYPESCRIPT_NODE_OPTIONS], ...options });
  const logger = pino({ level: 'silent' });
  const api = await startApi(
    {
      service,
      webhooks: openWebhooks(store.storage, { allowPrivateAddresses: true, logger }).service,
      queue: { kind: 'postgres', health: () => Promise.resolve() },
      datasetRoots: [os.tmpdir()],
      uploads: {
        folder: path.join(store.folder, 'uploads'),
        maxFileBytes: 64 * 1024,
        maxUploadBytes: 200 * 1024,
      },
      metrics: apiMetrics({ ...idle, storage: store.storage, maxAgeMs: 0 }),
      logger: idle.logger,
      ...changes,
    },
    { host: '127.0.0.1', port: 0 },
  );
  const keyOf = async (actor: Actor, role: Role, deviceId?: string) =>
    (await service.apiKeys.create(actor, { name: actor.owner, role, deviceId })).key;
  const key = await keyOf(store.actor, 'admin');
  const fetchApi = (url: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${key}`);
    return fetch(new URL(url, api.url), { ...init, headers });
  };
  const send =
    (method: string) =>
    async (path: string, body: unknown, headers = {}) => {
      const init = {
        method,
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      };
      return answerOf(await fetchApi(path, init));
    };
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= api.close());
  return {
    url: api.url,
    ...{ key, keyOf, store, service, uploadFolder: api.uploadFolder, stop, fetch: fetchApi },
    get: async (path, headers = {}) => answerOf(await fetchApi(path, { headers })),
    delete: async (path, headers = {}) => answerOf(await fetchApi(path, { method: 'DELETE', headers })),
    post: send('POST') as TestApi['post'],
    put: send('PUT') as TestApi['put'],
    patch: send('PATCH') as TestApi['patch'],
    close: async () => {
      await stop();
      await store.close();
    },
  };
}

async function answerOf(response: Response): Promise<Answer<any>> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

/** What an error answer must be, whatever went wrong. */
export function expectProblem(answer: Answer<unknown>, status: number, code: string): Problem {
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    status,
    expect.stringContaining('application/problem+json'),
  ]);
  expect(answer.body).toMatchObject({
    status,
    code,
    type: `urn:isochron:problem:${code}`,
    title: expect.any(String),
    detail: expect.any(String),
    instance: expect.stringMatching(/^urn:uuid:/),
    fault: expect.stringMatching(/^(user|infrastructure|device)$/),
  });
  return answer.body as Problem;
}
