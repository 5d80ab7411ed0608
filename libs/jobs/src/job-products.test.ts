import { randomUUID } from 'node:crypto';
import {
  aCalibration,
  aDevice,
  aLatencyTable,
  aMeasuringTask,
  anActor,
  jobProductsConformance,
  MemoryJobProducts,
  MemoryJobStore,
} from '#testkit';

jobProductsConformance('memory', () => {
  const jobs = new MemoryJobStore();
  const products = new MemoryJobProducts(jobs);
  const actor = anActor();
  const { models, calibrations } = products;
  return Promise.resolve({
    ...{ jobs, products, models, calibrations, actor, datasetId: randomUUID() },
    addenda: { list: (...of) => Promise.resolve(products.addendaOf(...of)) },
    newCalibration: () => Promise.resolve(aCalibration(aLatencyTable(aMeasuringTask(aDevice(actor))))),
    close: () => Promise.resolve(),
  });
});
