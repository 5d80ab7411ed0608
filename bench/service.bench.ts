import type { BenchOptions, BenchResult, BenchRow, Benchmark } from './benchmark.js';
import { GOALS } from './goals.js';
import { median } from './median.js';
import { bareServerRow, shareOfBareServer } from './service/bare-server.js';
import { eventFanOut } from './service/event-fan-out.js';
import { fillList, pageTimes } from './service/job-list.js';
import { quantile, spreadOf } from './service/quantile.js';
import { redisVersion } from './service/redis-server.js';
import { startService, type RunningService } from './service/running-service.js';
import { FULL_SCALE, QUICK_SCALE, type ServiceScale } from './service/scale.js';
import { startLatencies } from './service/start-latency.js';
import { submissionRows, type Submissions } from './service/submissions.js';

type Say = (text: string) => void;

/** What every part of the benchmark needs. */
interface Part {
  readonly service: RunningService;
  readonly scale: ServiceScale;
  readonly say: Say;
}

async function run(say: Say, { quick }: BenchOptions): Promise<BenchResult> {
  const scale = quick ? QUICK_SCALE : FULL_SCALE;
  const versions = { redis: redisVersion() };
  const lost: Submissions['lost'][] = [];
  const onPostgres = await withService('postgres', say, (service) =>
    queueRows({ service, scale, say, lost }),
  );
  const onRedis = await withService('redis', say, async (service) => [
    ...(await queueRows({ service, scale, say, lost })),
    ...(await fanOutRows({ service, scale, say })),
    ...(await listRows({ service, scale, say })),
    await memoryRow(service),
  ]);
  say('the same clients against a bare server');
  const bare = await bareServerRow(scale);
  const rows = [...onRedis, ...onPostgres];
  const ofMachine = [bare, ...shareOfBareServer(rows, bare)];
  return { rows: [...rows, ...ofMachine, lostRow(lost)], versions, settings: { ...scale } };
}

async function withService(
  backend: RunningService['backend'],
  say: Say,
  measure: (service: RunningService) => Promise<BenchRow[]>,
): Promise<BenchRow[]> {
  say(`starting the service, its queue on ${backend}`);
  const service = await startService(backend);
  try {
    return await measure(service);
  } finally {
    await service.close();
  }
}

/** What depends on the queue's backend. */
async function queueRows({
  service,
  scale,
  say,
  lost,
}: Part & { readonly lost: Submissions['lost'][] }): Promise<BenchRow[]> {
  say(`starting ${scale.starts} jobs, one after the other`);
  const startsMs = await startLatencies(service, scale.starts);
  say(`submitting from ${scale.connections} connections`);
  const submissions = await submissionRows(service, scale);
  lost.push(submissions.lost);
  const start = { value: median(startsMs), unit: 'ms', detail: { startsMs } };
  return [
    ...submissions.rows,
    service.backend === 'redis'
      ? { name: 'start_latency_p50_ms', ...start, goal: GOALS.start_latency_p50_ms }
      : { name: 'start_latency_p50_ms_postgres', ...start },
  ];
}

async function fanOutRows({ service, scale, say }: Part): Promise<BenchRow[]> {
  say(`${scale.clients} clients follow ${scale.followedJobs} jobs`);
  const { delaysMs, missed, doubled, received, written } = await eventFanOut(service, scale);
  const detail = { received, written };
  const [missedGoal, delayGoal] = [GOALS.sse_missed, GOALS.sse_p99_ms];
  return [
    {
      name: 'sse_missed',
      value: missed + doubled,
      unit: 'events',
      goal: missedGoal,
      detail: { missed, doubled, ...detail },
    },
    {
      ...{ name: 'sse_p99_ms', value: quantile(delaysMs, 0.99), unit: 'ms', goal: delayGoal },
      detail: { delaysMs: spreadOf(delaysMs), ...detail },
    },
  ];
}

async function listRows({ service, scale, say }: Part): Promise<BenchRow[]> {
  say(`writing ${scale.listedJobs} jobs`);
  await fillList(service, scale.listedJobs);
  say(`${scale.listRequests} requests of every kind of page`);
  const pages = await pageTimes(service, scale);
  const value = Math.max(...pages.map(({ medianMs }) => medianMs));
  return [{ name: 'list_page_ms', value, unit: 'ms', goal: GOALS.list_page_ms, detail: { pages } }];
}

/** Over both backends. */
function lostRow(lost: readonly Submissions['lost'][]): BenchRow {
  const value = lost.reduce((sum, { total }) => sum + total, 0);
  return { name: 'submit_lost', value, unit: 'jobs', goal: GOALS.submit_lost, detail: { lost } };
}

async function memoryRow(service: RunningService): Promise<BenchRow> {
  const value = await service.apiMemoryMb();
  return { name: 'api_rss_mb', value, unit: 'MB', goal: GOALS.api_rss_mb, detail: {} };
}

export const service: Benchmark = {
  summary:
    'submissions per second and their times, start latency, event streams to many clients, pages of a long list, memory of the API',
  run,
};
