import { randomUUID } from 'node:crypto';
import { aDataset, jobProductsConformance, storedRegistry, testStorage } from '#testkit';

jobProductsConformance('PostgreSQL', async () => {
  const { storage, actor, close } = await testStorage();
  const dataset = aDataset(actor);
  await storage.datasets.create(dataset);
  const { jobs, products, models, calibrations, addenda } = storage;
  return {
    ...{ jobs, products, models, calibrations, addenda, actor, datasetId: dataset.id, close },
    newCalibration: async () => {
      const { calibrationId } = await storedRegistry(storage).newMeasurement(actor);
      return { ...(await calibrations.find(actor, calibrationId))!, id: randomUUID() };
    },
  };
});
