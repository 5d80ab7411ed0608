import { TrackingError, type Batch, type NewRun, type RunStatus, type TrackingServer } from '#mlflow';
import { isochronVersion, type MlflowServer } from '#runtime';

const TIMEOUT_MS = 20_000;

type Answer = Readonly<Record<string, any>>;

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
      return (await this.post('experiments/create', { name })).experiment_id as string;
    } catch (error) {
      // Somebody else has made it meanwhile, for another job.
      const made = await this.findExperiment(name);
      if (made === undefined) throw error;
      return made;
    }
  }

  async findRun(experimentId: string, { key, value }: { key: string; value: string }) {
    const filter = `tags.\`${key}\` = '${value}'`;
    const { runs } = await this.post('runs/search', {
      ...{ experiment_ids: [experimentId], filter, max_results: 1 },
    });
    return runs?.[0]?.info?.run_id as string | undefined;
  }

  async createRun({ experimentId, name, startTime, tags }: NewRun): Promise<string> {
    const { run } = await this.post('runs/create', {
      ...{ experiment_id: experimentId, run_name: name, start_time: startTime, tags: pairs(tags) },
    });
    return run.info.run_id as string;
  }

  async tagOf(runId: string, key: string): Promise<string | undefined> {
    const { run } = await this.send('GET', `runs/get?run_id=${encodeURIComponent(runId)}`);
    const tags = (run.data?.tags ?? []) as { key: string; value: string }[];
    return tags.find((tag) => tag.key === key)?.value;
  }

  async logBatch(runId: string, { params = {}, metrics = [], tags = {} }: Batch): Promise<void> {
    await this.post('runs/log-batch', { run_id: runId, params: pairs(params), metrics, tags: pairs(tags) });
  }

  async updateRun(runId: string, status: RunStatus, endTime?: number): Promise<void> {
    await this.post('runs/update', { run_id: runId, status, end_time: endTime });
  }

  private async findExperiment(name: string): Promise<string | undefined> {
    try {
      const found = await this.send(
        'GET',
        `experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`,
      );
      return found.experiment.experiment_id as string;
    } catch (error) {
      if (error instanceof TrackingError && error.failure === 'gone') return undefined;
      throw error;
    }
  }

  private post(path: string, body: object): Promise<Answer> {
    return this.send('POST', path, JSON.stringify(body));
  }

  private async send(method: string, path: string, body?: string): Promise<Answer> {
    const url = `${this.server.url}/api/2.0/mlflow/${path}`;
    const signal = AbortSignal.any([this.stop, AbortSignal.timeout(this.timeoutMs)]);
    const init = { method, headers: this.headers, signal, ...(body !== undefined && { body }) };
    try {
      const response = await fetch(url, init);
      const text = await response.text();
      if (response.ok) return JSON.parse(text) as Answer;
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
