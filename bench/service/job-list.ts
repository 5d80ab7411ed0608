import type { Job, JobState } from '#contracts';
import { addJobs } from './add-jobs.js';
import { median } from '../median.js';
import { spreadOf } from './quantile.js';
import type { RunningService } from './running-service.js';
import type { ServiceScale } from './scale.js';

/** Pages of one kind. */
export interface PageTimes {
  readonly query: string;
  readonly medianMs: number;
  readonly timesMs: ReturnType<typeof spreadOf>;
  readonly items: number;
}

interface JobPage {
  readonly items: readonly Job[];
  readonly nextCursor?: string;
}

const SECOND_MS = 1000;
const OLDEST = Date.UTC(2026, 0, 1);

/** Writes so many jobs, one a second since the beginning of 2026, most of them ended. */
export async function fillList(service: RunningService, count: number): Promise<void> {
  await addJobs(service, count, (place) => {
    const at = new Date(OLDEST + place * SECOND_MS).toISOString();
    return { createdAt: at, updatedAt: at, state: stateOf(place), owner: `owner-${place % 50}` };
  });
}

/** A job in a thousand is paused; a fifth of the others failed. None waits for a worker. */
function stateOf(place: number): JobState {
  if (place % 1000 === 0) return 'paused';
  return place % 5 === 1 ? 'failed' : 'succeeded';
}

/** Times pages of 50 jobs, one request after the other. */
export async function pageTimes(
  service: RunningService,
  { listedJobs, listRequests }: ServiceScale,
): Promise<PageTimes[]> {
  const middle = new Date(OLDEST + (listedJobs / 2) * SECOND_MS).toISOString();
  const nearMiddle = await page(service, `limit=50&createdBefore=${middle}`);
  const nearEnd = await page(
    service,
    `limit=50&createdBefore=${new Date(OLDEST + 60 * SECOND_MS).toISOString()}`,
  );
  const queries = [
    'limit=50',
    ...[nearMiddle, nearEnd].flatMap(({ nextCursor }) =>
      nextCursor ? [`limit=50&cursor=${nextCursor}`] : [],
    ),
    'limit=50&state=failed',
    'limit=50&state=paused',
    'limit=50&state=running',
    'limit=50&model=model-0-0',
    'limit=50&owner=owner-7&state=succeeded',
    'limit=50&label=run=3',
    'limit=50&label=team=nobody',
    'limit=50&model=nothing',
    `limit=50&createdBefore=${middle}&state=failed`,
  ];
  const times: PageTimes[] = [];
  for (const query of queries) times.push(await timed(service, query, listRequests));
  return times;
}

async function timed(service: RunningService, query: string, requests: number): Promise<PageTimes> {
  const timesMs: number[] = [];
  let items = 0;
  // The first fifth is a warm-up.
  for (let request = -Math.ceil(requests / 5); request < requests; request++) {
    const begun = performance.now();
    items = (await page(service, query)).items.length;
    if (request >= 0) timesMs.push(performance.now() - begun);
  }
  return { query, medianMs: median(timesMs), timesMs: spreadOf(timesMs), items };
}

async function page({ url, headers }: RunningService, query: string): Promise<JobPage> {
  const response = await fetch(`${url}/v1/jobs?${query}`, { headers });
  if (!response.ok) throw new Error(`${query} was answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as JobPage;
}
