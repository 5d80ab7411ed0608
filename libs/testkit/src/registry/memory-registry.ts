import { randomUUID } from 'node:crypto';
import { submission } from '#jobs';
import { aJob, anActor } from '../jobs/job-fixtures.js';
import { MemoryJobProducts } from '../jobs/memory-job-products.js';
import { MemoryJobStore } from '../jobs/memory-job-store.js';
import { MemoryDrifts } from './memory-drifts.js';
import { MemoryAliases } from './memory-aliases.js';
import { MemoryDatasets } from './memory-datasets.js';
import type { RegistryRepositoriesHarness } from './registry-harness.js';

/** An empty registry in memory. */
export function memoryRegistry(): RegistryRepositoriesHarness {
  const jobs = new MemoryJobStore();
  const products = new MemoryJobProducts(jobs);
  const { models } = products;
  const bundles = new Set<string>();
  models.hasBundle = ({ teamId }, digest) => bundles.has(`${teamId} ${digest}`);
  return {
    ...{ models, products },
    aliases: new MemoryAliases(models),
    datasets: new MemoryDatasets(),
    drifts: new MemoryDrifts(models),
    haveBundle: (actor, { digest }) => {
      bundles.add(`${actor.teamId} ${digest}`);
      return Promise.resolve();
    },
    actor: anActor(),
    stranger: anActor(),
    newJob: async (actor) => {
      const { id: jobId, ...job } = aJob(actor);
      await jobs.create(submission({ id: jobId, ...job }));
      return { jobId, datasetId: job.spec.datasetId };
    },
    newMeasurement: () => {
      const [deviceId, calibrationId, latencyTableId] = [randomUUID(), randomUUID(), randomUUID()];
      return Promise.resolve({ deviceId, deviceName: 'phone', calibrationId, latencyTableId });
    },
    close: () => Promise.resolve(),
  };
}
