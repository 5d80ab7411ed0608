import { z } from 'zod';
import { waitUntil } from '#testkit';
import { startCluster, type Cluster } from '../chaos/cluster.js';
import { jobRequests } from '../chaos/job-requests.js';
import { hasNamespaces, namespaces } from '../chaos/networks/namespaces.js';
import { proxiedNetworks } from '../chaos/networks/proxied.js';
import { awaitJob } from '../chaos/trained-job.js';
import { dataFolder, type DataFolder } from './launched.js';

const networks = hasNamespaces() ? namespaces() : proxiedNetworks();
const Created = z.object({ id: z.string() });
const Running = z.object({
  state: z.string(),
  attempt: z.number(),
  worker: z.object({ name: z.string() }).optional(),
  checkpoint: z.object({}).optional(),
});

/** Every process has nothing but three URLs: REDIS_URL, DATABASE_URL and ARTIFACTS_URL. */
describe(`three workers and an API in networks of their own (${networks.kind})`, () => {
  let cluster: Cluster;
  let folder: DataFolder;
  let ids: string[];
  beforeAll(async () => {
    folder = await dataFolder();
    cluster = await startCluster({ folder: folder.path, queue: 'redis', workers: 3, networks });
    const dataset = { name: 'mnist', source: { kind: 'mnist' } };
    const datasetId = Created.parse(await cluster.client.create('/v1/datasets', 'dataset', dataset)).id;
    const [request] = jobRequests(1, datasetId, 'same');
    // The third is the shortest: its worker is free for the job of the one that is cut off.
    const submissions = Object.entries({ a: 5, b: 5, c: 1 }).map(([model, jointEpochs]) => {
      const training = { ...(request!['training'] as object), jointEpochs };
      return cluster.client.create('/v1/jobs', model, { ...request, training, model });
    });
    ids = (await Promise.all(submissions)).map((answer) => Created.parse(answer).id);
  });
  afterAll(async () => {
    expect(await cluster.stop()).toEqual([]);
    await folder.remove();
  });
  const jobNow = async (id: string) => Running.parse(await cluster.client.get(`/v1/jobs/${id}`));

  test('each takes a job; one that is cut off loses its job to another one, which trains the same weights', async () => {
    const workers = async () => (await Promise.all(ids.map(jobNow))).map(({ worker }) => worker?.name);
    await waitUntil('each worker has a job', async () => {
      const names = await workers();
      return !names.includes(undefined) && new Set(names).size === 3;
    });
    const [jobId] = ids as [string];
    await waitUntil('the first has a checkpoint', async () => (await jobNow(jobId)).checkpoint !== undefined);
    const [first] = (await workers()) as [string];
    const member = cluster.members.find(({ name }) => name === first)!;
    member.cut('swallow');
    const isTakenOver = async () => {
      const { worker, attempt } = await jobNow(jobId);
      return attempt > 1 && worker?.name !== first;
    };
    await waitUntil('another one has its job', isTakenOver, 180_000);
    member.mend();

    const trained = await Promise.all(ids.map((id) => awaitJob(cluster.client, id)));
    for (const { faults, job, weights } of trained) {
      expect(faults).toEqual([]);
      if (job.model !== 'c') expect(weights).toBe(trained[1]!.weights);
      expect(await cluster.client.get(`/v1/models/${job.model}`)).toMatchObject({ latestVersion: 1 });
    }
    expect(trained[0]!.job.attempt).toBeGreaterThan(trained[1]!.job.attempt);
  }, 400_000);
});
