import { z } from 'zod';
import { TrackingError, type Batch, type NewRun, type RunStatus, type TrackingServer } from '#mlflow';
import { isochronVersion, type MlflowServer } from '#runtime';

const TIMEOUT_MS = 20_000;

/** What is read of MLflow's answers. Lists that are empty are left out of them. */
const ExperimentFound = z.object({ experiment: z.object({ experiment_id: z.string() }) });
const ExperimentMade = z.object({ experiment_id: z.string() });
const RunInfo = z.object({ info: z.object({ run_id: z.string() }) });
const RunMade = z.object({ run: RunInfo });
const RunsFound = z.object({ runs: z.array(RunInfo).default([]) });
const Tag = z.object({ key: z.string(), value: z.string().default('') });
const RunFound = z.object({
  run: z.object({ data: z.object({ tags: z.array(Tag).default([]) }).prefault({}) }),
});
const Nothing = z.object({});

/** MLflow's REST API 2.0, as far as logging runs needs it. */
export class HttpTrackingServer implements TrackingServer {
  private readonly headers: Record<string, string>;

  /** @param stop ends requests that are under way */
  constructor(
    private readonly server: MlflowServer,
    private readonly stop: AbortSignal,
    private readonly timeoutMs = TIMEOUT_MS,
  ) {
    this.headers = {
      'content-type': 'application/json',
      'user-agent': `Isochron/${isochronVersion()}`,
      ...(server.authorization !== undefined && { authorization: server.authorization }),
    };
  }

  async experimentId(name: string): Promise<string> {
    const found = await this.findExperiment(name);
    if (found !== undefined) return found;
    try {
      return (await this.post(ExperimentMade, 'experiments/create', { name })).experiment_id;
    } catch (error) {
      // Somebody else has made it meanwhile, for another job.
      const made = await this.findExperiment(name);
      if (made === undefined) throw error;
      return made;
    }
  }

  async findRuns(experimentId: string, { key, value }: { key: string; value: string }): Promise<string[]> {
    const filter = `tags.\`${key}\` = '${value}'`;
    const query = { experiment_ids: [experimentId], filter, max_results: 100 };
    const { runs } = await this.post(RunsFound, 'runs/search', query);
    return runs.map(({ info }) => info.run_id);
  }

  async createRun({ experimentId, name, startTime, tags }: NewRun): Promise<string> {
    const run = { experiment_id: experimentId, run_name: name, start_time: startTime, tags: pairs(tags) };
    return (await this.post(RunMade, 'runs/create', run)).run.info.run_id;
  }

  async tagOf(runId: string, key: string): Promise<string | undefined> {
    const { run } = await this.get(RunFound, 'runs/get', { run_id: runId });
    return run.data.tags.find((tag) => tag.key === key)?.value;
  }

  async logBatch(runId: string, { params = {}, metrics = [], tags = {} }: Batch): Promise<void> {
    const batch = { run_id: runId, params: pairs(params), metrics, tags: pairs(tags) };
    await this.post(Nothing, 'runs/log-batch', batch);
  }

  async updateRun(runId: string, status: RunStatus, endTime?: number): Promise<void> {
    await this.post(Nothing, 'runs/update', { run_id: runId, status, end_time: endTime });
  }

  private async findExperiment(name: string): Promise<string | undefined> {
    try {
      const query = { experiment_name: name };
      return (await this.get(ExperimentFound, 'experiments/get-by-name', query)).experiment.experiment_id;
    } catch (error) {
      if (error instanceof TrackingError && error.failure === 'gone') return undefined;
      throw error;
    }
  }

  private post<T>(answer: z.ZodType<T>, path: string, body: object): Promise<T> {
    return this.send(answer, path, { method: 'POST', body: JSON.stringify(body) });
  }

  private get<T>(answer: z.ZodType<T>, path: string, query: Record<string, string>): Promise<T> {
    return this.send(answer, `${path}?${String(new URLSearchParams(query))}`, { method: 'GET' });
  }

  private async send<T>(answer: z.ZodType<T>, path: string, init: RequestInit): Promise<T> {
    const url = `${this.server.url}/api/2.0/mlflow/${path}`;
    const signal = AbortSignal.any([this.stop, AbortSignal.timeout(this.timeoutMs)]);
    try {
      const response = await fetch(url, { ...init, headers: this.headers, signal });
      const text = await response.text();
      if (response.ok) return answer.parse(JSON.parse(text));
      throw refusal(response.status, text, url);
    } catch (error) {
      if (error instanceof TrackingError) throw error;
      const { message, cause } = error as Error;
      const reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
      throw new TrackingError('away', `${url}: ${reason}`, { cause: error });
    }
  }
}

function pairs(record: Readonly<Record<string, string>>): { key: string; value: string }[] {
  return Object.entries(record).map(([key, value]) => ({ key, value }));
}

/** Answers that say nothing about the request itself: somebody has to mend the server, or the credentials. */
const AWAY = new Set([401, 403, 404, 408, 429]);

function refusal(status: number, text: string, url: string): TrackingError {
  const { code, message } = errorIn(text);
  const said = `${url}: ${status}${code === undefined ? '' : ` ${code}`}: ${message}`;
  if (code === 'RESOURCE_DOES_NOT_EXIST') return new TrackingError('gone', said);
  return new TrackingError(status >= 500 || AWAY.has(status) ? 'away' : 'refused', said);
}

/** MLflow's errors are JSON; those of a proxy before it may be anything. */
function errorIn(text: string): { code?: string; message: string } {
  try {
    const { error_code: code, message } = JSON.parse(text) as { error_code?: string; message?: string };
    return { ...(code !== undefined && { code }), message: message ?? text.slice(0, 200) };
  } catch {
    return { message: text.slice(0, 200) };
  }
}
