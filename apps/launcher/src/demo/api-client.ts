import type { z } from 'zod';
import {
  Calibration,
  Dataset,
  Device,
  Job,
  LatencyTable,
  MeasuringTask,
  TrainedVersion,
  Problem,
  pageOf,
  NewApiKey,
  type CreateApiKey,
  type CreateCalibration,
  type CreateDataset,
  type CreateDevice,
  type CreateJob,
  type CreateMeasuringTask,
} from '#contracts';
import { MeasuredTable } from '../report/report.schema.js';

/** An answer of the API that is an error; the message has its code, its detail and every field that was refused. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    request: string,
    readonly status: number,
    readonly code: string | undefined,
    detail: string,
  ) {
    super(`${request} was answered ${status}${code === undefined ? '' : ` (${code})`}: ${detail}`);
  }
}

type CreateMeasuringTaskInput = z.input<typeof CreateMeasuringTask>;

/** Isochron's HTTP API as the demo needs it; every answer is checked against its contract. */
export class ApiClient {
  constructor(
    readonly baseUrl: string,
    private readonly apiKey: string,
    private readonly signal?: AbortSignal,
  ) {}

  /** What requests of this client's key carry. */
  get authorization(): Record<string, string> {
    return { authorization: `Bearer ${this.apiKey}` };
  }

  createApiKey = (key: CreateApiKey) => this.#post('/v1/api-keys', key, NewApiKey);
  createDevice = (device: z.input<typeof CreateDevice>) => this.#post('/v1/devices', device, Device);
  listDevices = async () => (await this.#get('/v1/devices?limit=200', pageOf(Device))).items;
  createDataset = (dataset: z.input<typeof CreateDataset>) => this.#post('/v1/datasets', dataset, Dataset);
  listDatasets = async () => (await this.#get('/v1/datasets?limit=200', pageOf(Dataset))).items;
  createMeasuringTask = (task: CreateMeasuringTaskInput) =>
    this.#post('/v1/measuring-tasks', task, MeasuringTask);
  getMeasuringTask = (id: string) => this.#get(`/v1/measuring-tasks/${id}`, MeasuringTask);
  /** With the samples of every cell. */
  getMeasuredTable = async (id: string): Promise<MeasuredTable> => {
    const table = await this.#get(`/v1/latency-tables/${id}`, LatencyTable);
    const cells = table.cells.map(({ index }) =>
      this.#get(`/v1/latency-tables/${id}/cells/${index}`, MeasuredTable.shape.cells.element),
    );
    return { ...table, cells: await Promise.all(cells) };
  };
  /** Stores it. */
  createCalibration = (calibration: Omit<z.input<typeof CreateCalibration>, 'save'>) =>
    this.#post('/v1/calibrations', { ...calibration, save: true }, Calibration);
  createJob = (job: z.input<typeof CreateJob>) => this.#post('/v1/jobs', job, Job);
  getJob = (id: string) => this.#get(`/v1/jobs/${id}`, Job);
  getVersion = (model: string, version: number) =>
    this.#get(`/v1/models/${model}/versions/${version}`, TrainedVersion);

  async #get<T extends z.ZodType>(path: string, contract: T): Promise<z.infer<T>> {
    return contract.parse(await this.#request('GET', path));
  }

  async #post<T extends z.ZodType>(path: string, body: unknown, contract: T): Promise<z.infer<T>> {
    return contract.parse(await this.#request('POST', path, body));
  }

  async #request(method: string, path: string, body?: unknown): Promise<unknown> {
    const json: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(this.baseUrl + path, {
      method,
      headers: { ...this.authorization, ...json },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(this.signal && { signal: this.signal }),
    });
    if (!response.ok) throw await errorOf(`${method} ${path}`, response);
    return response.json();
  }
}

async function errorOf(request: string, response: Response): Promise<ApiError> {
  const text = await response.text();
  const problem = Problem.safeParse(jsonOf(text)).data;
  if (!problem) return new ApiError(request, response.status, undefined, text.slice(0, 500));
  const fields = (problem.errors ?? []).map(
    (e) => `\n  ${e.field}: ${e.expected}, got ${JSON.stringify(e.value)}`,
  );
  return new ApiError(request, response.status, problem.code, problem.detail + fields.join(''));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
