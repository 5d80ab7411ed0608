import { randomUUID } from 'node:crypto';
import { anActor, MemoryDatasets, MemoryModels, registryRepositoriesConformance } from '#testkit';

registryRepositoriesConformance('memory', () => {
  const measurement = {
    deviceId: randomUUID(),
    deviceName: 'phone',
    calibrationId: randomUUID(),
    latencyTableId: randomUUID(),
  };
  return Promise.resolve({
    models: new MemoryModels(),
    datasets: new MemoryDatasets(),
    actor: anActor(),
    stranger: anActor(),
    newJob: () => Promise.resolve({ jobId: randomUUID(), datasetId: randomUUID() }),
    newMeasurement: () => Promise.resolve(measurement),
    close: () => Promise.resolve(),
  });
});
