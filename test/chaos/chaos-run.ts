import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { randomGenerator } from '#pruning';
import type { ApiClient } from './api-client.js';
import { startCluster, type Cluster, type ClusterOptions } from './cluster.js';
import { nextDisturbance } from './disturbances.js';
import { jobRequests } from './job-requests.js';
import { awaitJob, type TrainedJob } from './trained-job.js';

export interface ChaosOptions extends ClusterOptions {
  readonly jobs: number;
  /** Networks are cut besides, and not counted. */
  readonly kills: number;
  readonly seed: number;
  readonly say: (text: string) => void;
}

export interface ChaosReport {
  readonly disturbances: readonly string[];
  readonly jobs: readonly { readonly id: string; readonly attempts: number; readonly events: number }[];
  /** Empty where nothing was violated. */
  readonly violations: readonly string[];
  readonly seconds: number;
}

const Created = z.object({ id: z.string() });
const JobIds = z.object({ items: z.array(Created), nextCursor: z.string().optional() });
const Model = z.object({ latestVersion: z.number() });
/** A request that was being answered when its API died is taken up well before. */
const LONGEST_CONFLICT_MS = 15_000;
/** Pauses between disturbances, in seconds. */
const PAUSE = { least: 0.5, more: 4 };

/**
 * Trains jobs undisturbed and then the same ones while everything around them is killed and cut off, and compares: every job ends
 * once, with the same weights and metrics, one version, and nothing is left.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { jobs, say } = options;
  const startedMs = performance.now();
  const cluster = await startCluster(options);
  const violations: string[] = [];
  try {
    const datasetId = await dataset(cluster);
    say(`trains ${jobs} jobs undisturbed`);
    const undisturbed = await trainAll(cluster, jobRequests(jobs, datasetId, 'undisturbed'), () => false);
    for (const { job, faults } of undisturbed) violations.push(...named(`undisturbed ${job.model}`, faults));
    say(`trains ${jobs} jobs, kills ${options.kills} times and cuts networks besides`);
    const requests = jobRequests(jobs, datasetId, 'disturbed');
    const disturbances: string[] = [];
    const disturbing = { isOver: false };
    const disturbed = disturb(cluster, options, disturbances, () => disturbing.isOver);
    const trained = await trainAll(cluster, requests, () => killsIn(disturbances) < options.kills);
    disturbing.isOver = true;
    await disturbed;
    violations.push(...(await compare(cluster, undisturbed, trained)));
    violations.push(...(await requestFaults(cluster, [...undisturbed, ...trained])));
    const attempts = trained.map(({ job, events }) => ({ id: job.id, attempts: job.attempt, events }));
    const left = await cluster.stop();
    violations.push(...left.map(({ command }) => `a process is left: ${command}`));
    return { disturbances, jobs: attempts, violations, seconds: (performance.now() - startedMs) / 1000 };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function dataset({ client }: Cluster): Promise<string> {
  const request = { name: 'mnist', source: { kind: 'mnist' } };
  return Created.parse(await client.create('/v1/datasets', 'chaos-dataset', request)).id;
}

/** Submits them, and the same again under other names for as long as `more` says so. */
async function trainAll(
  { client }: Cluster,
  requests: readonly Record<string, unknown>[],
  more: () => boolean,
): Promise<TrainedJob[]> {
  const trained: TrainedJob[] = [];
  for (let round = 1; round === 1 || more(); round++) {
    const running = requests.map(async (request) => {
      const model = `${String(request['model'])}.${round}`;
      const { id } = Created.parse(await client.create('/v1/jobs', `chaos-${model}`, { ...request, model }));
      return awaitJob(client, id);
    });
    trained.push(...(await Promise.all(running)));
  }
  return trained;
}

async function disturb(
  cluster: Cluster,
  { kills, seed, say }: ChaosOptions,
  done: string[],
  isOver: () => boolean,
): Promise<void> {
  const random = randomGenerator(seed);
  while (killsIn(done) < kills && !isOver()) {
    await setTimeout(1000 * (PAUSE.least + PAUSE.more * random.uniform()));
    const what = await nextDisturbance(random)(cluster, random);
    if (what === undefined) continue;
    done.push(what);
    say(`${killsIn(done)} of ${kills}: ${what}`);
  }
}

export const killsIn = (disturbances: readonly string[]): number =>
  disturbances.filter((what) => what.startsWith('killed')).length;

async function compare(
  { client }: Cluster,
  undisturbed: readonly TrainedJob[],
  trained: readonly TrainedJob[],
): Promise<string[]> {
  const violations: string[] = [];
  for (const [i, each] of trained.entries()) {
    const reference = undisturbed[i % undisturbed.length]!;
    const faults = [...each.faults];
    if (each.weights !== reference.weights)
      faults.push('its weights differ from those of the undisturbed job');
    for (const [series, { losses, accuracies }] of reference.metrics) {
      const own = each.metrics.get(series);
      if (losses.join() !== own?.losses.join()) faults.push(`its losses of ${series} differ`);
      if (accuracies.join('; ') !== own?.accuracies.join('; '))
        faults.push(`its accuracies of ${series} differ`);
    }
    faults.push(...(await versionFaults(client, each)));
    violations.push(...named(`${each.job.model} (${each.job.id})`, faults));
  }
  return violations;
}

async function versionFaults(client: ApiClient, { job }: TrainedJob): Promise<string[]> {
  if (job.state !== 'succeeded') return []; // told already
  const { latestVersion } = Model.parse(await client.get(`/v1/models/${job.model}`));
  return latestVersion === 1 ? [] : [`its model has ${latestVersion} versions, expected 1`];
}

/** Every job is one that a client was told of, and none of them waited for a process that had died. */
async function requestFaults({ client }: Cluster, known: readonly TrainedJob[]): Promise<string[]> {
  const told = new Set(known.map(({ job }) => job.id));
  const faults = (await jobIds(client))
    .filter((id) => !told.has(id))
    .map((id) => `job ${id}: no client was told of it`);
  const waitedMs = client.longestConflictMs;
  if (waitedMs > LONGEST_CONFLICT_MS)
    faults.push(`for ${waitedMs} ms a request was told that it is being answered`);
  return faults;
}

async function jobIds(client: ApiClient): Promise<string[]> {
  const ids: string[] = [];
  let next = '';
  for (;;) {
    const page = JobIds.parse(await client.get(`/v1/jobs?limit=200${next}`));
    ids.push(...page.items.map(({ id }) => id));
    if (page.nextCursor === undefined) return ids;
    next = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
}

const named = (name: string, faults: readonly string[]): string[] =>
  faults.map((fault) => `${name}: ${fault}`);
