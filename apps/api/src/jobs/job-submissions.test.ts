import {
  aCalibration,
  aDevice,
  aJobRequest,
  aJobWorld,
  aLatencyTable,
  aMeasuringTask,
  withoutSamples,
} from '#testkit';
import { JobSubmissions } from './job-submissions.js';

/** Submits a job for a narrow network with the ratios of a calibration. */
function submittedWith(ratios: number[]) {
  const { service: jobs, lookups, dataset, actor } = aJobWorld();
  const table = aLatencyTable(aMeasuringTask(aDevice(actor)));
  const calibration = aCalibration(table, { ratios });
  lookups.calibrations.push(calibration);
  lookups.tables.push(withoutSamples(table));
  const source = { ratios: undefined, calibrationId: calibration.id };
  const training = { batchSize: 16, minChannels: 8 };
  const request = aJobRequest({ datasetId: dataset.id, training, ...source });
  return { calibration, submitted: new JobSubmissions({ jobs, lookups }).submit(actor, request) };
}

test("a calibration's ratio that the network cannot reach is refused by the field that brought it", async () => {
  const { submitted, calibration } = submittedWith([0, 0.95]);
  await expect(submitted).rejects.toMatchObject({
    code: 'ratio_unreachable',
    message: expect.stringContaining('0.95'),
    fields: [
      {
        field: 'calibrationId',
        value: calibration.id,
        expected: expect.stringMatching(/^a calibration with ratios of at most 0\.\d+ for this network$/),
      },
    ],
  });
});

test('a calibration of too many ratios is refused for that, whatever the network reaches', async () => {
  const { submitted } = submittedWith([...Array.from({ length: 16 }, (_, index) => index / 20), 0.95]);
  await expect(submitted).rejects.toMatchObject({
    code: 'invalid_request',
    fields: [{ field: 'calibrationId', expected: expect.stringContaining('this one has 17') }],
  });
});
