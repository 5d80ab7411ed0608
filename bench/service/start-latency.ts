import { followJob, SharedWakeups } from '#jobs';
import { jobBodies } from './job-bodies.js';
import { ACTOR, type RunningService } from './running-service.js';

const TIMEOUT_MS = 120_000;

/**
 * From the answer to POST until the worker's first event can be read from the database, one job after the other, with one
 * worker that has nothing else to do. Every job is cancelled then, and the next one submitted once the worker has stopped.
 * @returns milliseconds of every start but the first, in which the worker makes its connections
 */
export async function startLatencies(service: RunningService, starts: number): Promise<number[]> {
  const worker = await service.startWorker();
  try {
    const [body] = jobBodies(service.datasetId);
    const timesMs: number[] = [];
    for (let start = 0; start <= starts; start++) timesMs.push(await oneStart(service, body!));
    return timesMs.slice(1);
  } finally {
    await worker.stop();
  }
}

async function oneStart(service: RunningService, body: string): Promise<number> {
  const { id } = await post<{ id: string }>(service, '/v1/jobs', body);
  const answered = performance.now();
  let took: number | undefined;
  for await (const { event } of followed(service, id)) {
    if (event.type !== 'state' || event.attempt === 0 || took !== undefined) continue;
    took = performance.now() - answered;
    await post(service, `/v1/jobs/${id}/cancel`);
  }
  if (took === undefined) throw new Error(`job "${id}" was not begun within ${TIMEOUT_MS} ms`);
  return took;
}

function followed({ storage }: RunningService, jobId: string) {
  const wakeups = new SharedWakeups((id, listener) => storage.wakeups.onJobEvents(id, listener), 1000);
  return followJob({
    ...{ jobs: storage.jobs, wakeups: { onJobEvents: wakeups.on }, actor: ACTOR, jobId, afterSequence: 0 },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}

async function post<T>({ url, headers }: RunningService, path: string, body = '{}'): Promise<T> {
  const json = { 'content-type': 'application/json' };
  const response = await fetch(url + path, { method: 'POST', headers: { ...json, ...headers }, body });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
