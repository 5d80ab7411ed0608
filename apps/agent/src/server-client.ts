import type { z } from 'zod';
import {
  AppError,
  EnrolledDevice,
  LeasedTask,
  LeaseExtension,
  Problem,
  type CreateEnrolment,
  type ExtendLease,
  type FailTask,
  type LeaseRequest,
  type UploadCell,
} from '#contracts';
import { isTemporary, ServerError, ServerUnreachableError } from './server-error.js';

const ANSWER_TIMEOUT_MS = 30_000;
const DOWNLOAD_TIMEOUT_MS = 300_000;
const NOT_MODIFIED = 304;

/**
 * The agent's side of the lease protocol over HTTP. Every method throws ServerError when the server answers with an error
 * or with something else than the contract says, and ServerUnreachableError when no whole answer came, aborts included.
 */
export class ServerClient {
  /**
   * @param server where the API serves; below its path, where it has one
   * @param apiKey sent to that server and to no other
   */
  constructor(
    private readonly server: URL,
    private readonly apiKey?: string,
  ) {}

  /** The device's next task; undefined when none came within `waitSeconds`. */
  async lease(request: LeaseRequest, signal: AbortSignal): Promise<LeasedTask | undefined> {
    const timeoutMs = request.waitSeconds * 1000 + ANSWER_TIMEOUT_MS;
    const response = await this.send('POST', '/v1/measuring-tasks/lease', request, signal, timeoutMs);
    return response.status === 204 ? undefined : bodyOf(LeasedTask, response);
  }

  /** @param waiting why nothing is measured for now */
  async extend(task: LeasedTask, signal: AbortSignal, waiting?: string): Promise<LeaseExtension> {
    const body: ExtendLease = { ...proofOf(task), waiting };
    const response = await this.send('POST', `${pathOf(task)}/heartbeat`, body, signal);
    return bodyOf(LeaseExtension, response);
  }

  async uploadCell(
    task: LeasedTask,
    index: number,
    cell: Omit<UploadCell, 'leaseToken'>,
    signal: AbortSignal,
  ): Promise<void> {
    const body: UploadCell = { ...proofOf(task), ...cell };
    await this.send('PUT', `${pathOf(task)}/cells/${index}`, body, signal);
  }

  async complete(task: LeasedTask, signal: AbortSignal): Promise<void> {
    await this.send('POST', `${pathOf(task)}/complete`, proofOf(task), signal);
  }

  async fail(task: LeasedTask, error: FailTask['error'], signal: AbortSignal): Promise<void> {
    const body: FailTask = { ...proofOf(task), error };
    await this.send('POST', `${pathOf(task)}/fail`, body, signal);
  }

  /**
   * Bytes at a URL; of the server where it names no other one.
   * @throws AppError measuring_failed, in place of ServerError, when the server does not have them: the task cannot be
   * measured then.
   */
  async download(url: string, signal: AbortSignal): Promise<Uint8Array> {
    const response = await this.send('GET', url, undefined, signal, DOWNLOAD_TIMEOUT_MS).catch(
      (error: unknown) => {
        if (isTemporary(error) || !(error instanceof ServerError)) throw error;
        throw new AppError('measuring_failed', error.message);
      },
    );
    return new Uint8Array(await reading(response.arrayBuffer()));
  }

  /**
   * An answer whose body has not been read yet; 304 where `If-None-Match` names what is there.
   * @param headers beside the key
   * @param timeoutMs for all of it, the body included; default: half a minute
   */
  read(
    method: 'GET' | 'HEAD',
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    timeoutMs: number = ANSWER_TIMEOUT_MS,
  ): Promise<Response> {
    // Without it `fetch` sends no-cache beside If-None-Match, which asks for the whole answer whatever the client has.
    const revalidate = { 'cache-control': 'max-age=0', ...headers };
    return this.send(method, path, undefined, signal, timeoutMs, revalidate);
  }

  /** Registers the device that this agent runs on; the same installation gets the same device again, with a new key. */
  async enrol(key: string, request: CreateEnrolment, signal: AbortSignal): Promise<EnrolledDevice> {
    const headers = { authorization: `Bearer ${key}` };
    const response = await this.send('POST', '/v1/enrolments', request, signal, ANSWER_TIMEOUT_MS, headers);
    return bodyOf(EnrolledDevice, response);
  }

  private async send(
    method: string,
    path: string,
    body: unknown,
    signal: AbortSignal,
    timeoutMs = ANSWER_TIMEOUT_MS,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const url = this.urlOf(path);
    const response = await reading(
      fetch(url, {
        method,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        headers: {
          ...this.authorizationFor(url),
          ...headers,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    if (!response.ok && response.status !== NOT_MODIFIED) throw await errorOf(`${method} ${path}`, response);
    return response;
  }

  private authorizationFor(url: URL): Record<string, string> {
    const isOwn = this.apiKey !== undefined && url.origin === this.server.origin;
    return isOwn ? { authorization: `Bearer ${this.apiKey}` } : {};
  }

  private urlOf(path: string): URL {
    if (URL.canParse(path)) return new URL(path);
    const base = new URL(this.server);
    base.pathname = base.pathname.replace(/\/*$/, '/');
    return new URL(path.replace(/^\/+/, ''), base);
  }
}

const pathOf = (task: LeasedTask) => `/v1/measuring-tasks/${task.id}`;
const proofOf = ({ leaseToken }: LeasedTask) => ({ leaseToken });

/** @throws ServerError when it is not what the schema says; ServerUnreachableError when no whole answer came */
export async function bodyOf<T>(schema: z.ZodType<T>, response: Response): Promise<T> {
  const parsed = schema.safeParse(jsonOf(await reading(response.text())));
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const detail = `${response.url} answered ${response.status}: ${path.join('.') || 'the content'}: ${message}`;
  throw new ServerError(response.status, undefined, detail);
}

/** Tells broken connections and timeouts from everything else; an aborted caller checks its own signal. */
export async function reading<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { message, cause } = error as Error;
    const detail = cause instanceof Error ? `${message}: ${cause.message}` : message;
    throw new ServerUnreachableError(detail); // without the cause, whose text a log would add once more
  }
}

async function errorOf(request: string, response: Response): Promise<ServerError> {
  const text = await response.text().catch(() => '');
  const problem = Problem.safeParse(jsonOf(text)).data;
  const detail = problem?.detail ?? text.slice(0, 200);
  return new ServerError(response.status, problem?.code, `${request} answered ${response.status}: ${detail}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
