import { openQueue, jobMessages } from '#queue';
import type { BenchRow } from '../benchmark.js';
import { GOALS } from '../goals.js';
import { startChild } from './child.js';
import { jobBodies } from './job-bodies.js';
import { quantile, spreadOf } from './quantile.js';
import { ACTOR, type RunningService } from './running-service.js';
import type { ServiceScale } from './scale.js';
import type { SubmitOrder, SubmitResult } from './submit.process.js';

const OUTBOX_TIMEOUT_MS = 120_000;
const JOBS_PER_LOOK = 100;

/** Submissions from many connections at once. No worker runs: jobs wait, and nothing is trained. */
export async function submissionRows(service: RunningService, scale: ServiceScale): Promise<Submissions> {
  const plain = await submitted(service, { ...scale, keyed: false });
  const keyed = await submitted(service, { ...scale, keyed: true });
  const accepted = [...plain.accepted, ...keyed.accepted];
  const begun = performance.now();
  const lost = await lostOf(service, accepted);
  const checked = { accepted: accepted.length, checkedInMs: performance.now() - begun };
  const { backend } = service;
  const row = (name: string, value: number, unit: string, detail: object): BenchRow => ({
    ...{ name: `${name}_${backend}`, value, unit, detail: { ...detail } },
    ...goalOf(`${name}_${backend}`),
  });
  const rows = [
    row('submit_per_s', perSecond(plain), 'jobs/s', { refused: plain.refused }),
    row('submit_p99_ms', quantile(plain.timesMs, 0.99), 'ms', { timesMs: spreadOf(plain.timesMs) }),
    row('submit_keyed_per_s', perSecond(keyed), 'jobs/s', {
      ...{ refused: keyed.refused, timesMs: spreadOf(keyed.timesMs) },
    }),
  ];
  return { rows, lost: { backend, ...lost, ...checked } };
}

export const perSecond = ({ timesMs, seconds }: SubmitResult): number => timesMs.length / seconds;

function goalOf(name: string): Pick<BenchRow, 'goal'> {
  const goals: Partial<Record<string, BenchRow['goal']>> = GOALS;
  const goal = goals[name];
  return goal === undefined ? {} : { goal };
}

export function submitted(
  { url, headers, datasetId }: Pick<RunningService, 'url' | 'headers' | 'datasetId'>,
  scale: Pick<ServiceScale, 'connections' | 'warmUpSeconds' | 'submitSeconds'> & { readonly keyed: boolean },
): Promise<SubmitResult> {
  const { connections, warmUpSeconds, submitSeconds: seconds, keyed } = scale;
  const order: SubmitOrder = {
    ...{ url, headers, bodies: jobBodies(datasetId), keyed },
    ...{ connections, warmUpSeconds, seconds },
  };
  return startChild<SubmitResult>('submit', order).result;
}

export interface Submissions {
  readonly rows: BenchRow[];
  readonly lost: Lost & { readonly backend: string; readonly accepted: number; readonly checkedInMs: number };
}

/** Accepted jobs of which something is not there, by what it is. */
interface Lost {
  readonly total: number;
  readonly answeredTwice: number;
  readonly jobs: number;
  readonly events: number;
  readonly outbox: number;
  readonly messages: number;
}

/** Looks for every accepted job: it, its first event and, once the outbox is empty, its message in the queue. */
async function lostOf(service: RunningService, accepted: readonly string[]): Promise<Lost> {
  const ids = [...new Set(accepted)];
  const outbox = await leftInOutbox(service);
  const there = { jobs: 0, events: 0 };
  const lacking: string[] = [];
  const queue = await openQueue({ ...service, onError: () => {} });
  try {
    for (let from = 0; from < ids.length; from += JOBS_PER_LOOK) {
      const some = ids.slice(from, from + JOBS_PER_LOOK);
      const jobs = await Promise.all(some.map((id) => service.storage.jobs.find(ACTOR, id)));
      const events = await Promise.all(some.map((id) => service.storage.jobs.eventsAfter(ACTOR, id, 0, 10)));
      there.jobs += jobs.filter((job) => job?.state === 'queued').length;
      // A job that waits for long is told why by a further event.
      there.events += events.filter(
        ([first]) => first?.sequence === 1 && first.event.type === 'state',
      ).length;
      const messages = some.map((jobId) => ({ jobId, stage: 'train' as const, generation: 0, priority: 0 }));
      lacking.push(...(await jobMessages(queue).missing(messages)).map(({ jobId }) => jobId));
    }
  } finally {
    await queue.close();
  }
  const lost = {
    answeredTwice: accepted.length - ids.length,
    ...{ jobs: ids.length - there.jobs, events: ids.length - there.events },
    ...{ outbox, messages: lacking.length },
  };
  return { total: Object.values(lost).reduce((sum, count) => sum + count), ...lost };
}

/** Messages that the API has not put into the queue though it had time to. */
async function leftInOutbox({ storage }: RunningService): Promise<number> {
  const deadline = Date.now() + OUTBOX_TIMEOUT_MS;
  for (;;) {
    const { pending } = await storage.statistics.outbox();
    if (pending === 0 || Date.now() > deadline) return pending;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
