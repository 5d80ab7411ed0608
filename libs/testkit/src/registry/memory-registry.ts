import { randomUUID } from 'node:crypto';
import { anActor } from '../jobs/job-fixtures.js';
import { MemoryDrifts } from './memory-drifts.js';
import { MemoryDatasets, MemoryModels } from './memory-models.js';
import type { RegistryRepositoriesHarness } from './registry-harness.js';

/** An empty registry in memory. */
export function memoryRegistry(): RegistryRepositoriesHarness {
  const models = new MemoryModels();
  return {
    models,
    datasets: new MemoryDatasets(),
    drifts: new MemoryDrifts(models),
    actor: anActor(),
    stranger: anActor(),
    newJob: () => Promise.resolve({ jobId: randomUUID(), datasetId: randomUUID() }),
    newMeasurement: () => {
      const [deviceId, calibrationId, latencyTableId] = [randomUUID(), randomUUID(), randomUUID()];
      return Promise.resolve({ deviceId, deviceName: 'phone', calibrationId, latencyTableId });
    },
    close: () => Promise.resolve(),
  };
}
