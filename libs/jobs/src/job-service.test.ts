import { randomUUID } from 'node:crypto';
import type { JobProgress } from '#contracts';
import {
  aCalibration,
  aCandidate,
  aDevice,
  aJobRequest,
  aJobWorld,
  aLatencyTable,
  aMeasuringTask,
  anActor,
  aModelVersion,
  anImportedTable,
  aVersionDraft,
  withoutSamples,
} from '#testkit';

const progress: JobProgress = { stage: 'train', step: 1, steps: 10, fraction: 0.1 };

/** A world with a calibration, and a request that uses it. */
function calibratedWorld() {
  const world = aJobWorld();
  const table = aLatencyTable(aMeasuringTask(aDevice(world.actor)));
  const calibration = aCalibration(table, { ratios: [0, 0.3, 0.6] });
  world.lookups.calibrations.push(calibration);
  world.lookups.tables.push(withoutSamples(table));
  const { dataset } = world;
  const request = aJobRequest({
    datasetId: dataset.id,
    ratios: undefined,
    calibrationId: calibration.id,
  });
  return { ...world, calibration, request };
}

describe('submitting a job', () => {
  it('stores it as it was asked for, ready to be trained', async () => {
    const { service, actor, dataset, store } = aJobWorld();
    const request = aJobRequest({ datasetId: dataset.id });
    const job = await service.submit(actor, request);
    expect(job).toMatchObject({ ...actor, state: 'queued', stage: 'train', attempt: 0, spec: request });
    expect(await service.get(actor, job.id)).toEqual(job);
    expect(await store.pending(9)).toMatchObject([{ message: { jobId: job.id, stage: 'train' } }]);
  });

  it('takes ratios and device from the calibration', async () => {
    const { service, actor, request, calibration } = calibratedWorld();
    const { deviceId } = calibration;
    expect(await service.submit(actor, request)).toMatchObject({ ratios: [0, 0.3, 0.6], deviceId });
  });

  it.each([
    ['datasetId', { datasetId: randomUUID() }],
    ['calibrationId', { calibrationId: randomUUID(), ratios: undefined }],
  ])('names %s when there is none', async (field, changes) => {
    const { service, actor, dataset, store } = aJobWorld();
    const submitted = service.submit(actor, aJobRequest({ datasetId: dataset.id, ...changes }));
    await expect(submitted).rejects.toMatchObject({ code: 'invalid_request', fields: [{ field }] });
    expect(await store.pending(9)).toEqual([]);
  });

  it('takes no more ratios from a calibration than a request may name', async () => {
    const { service, actor, request, calibration, store } = calibratedWorld();
    calibration.ratios = Array.from({ length: 17 }, (_, index) => index / 20);
    await expect(service.submit(actor, request)).rejects.toMatchObject({
      code: 'invalid_request',
      fields: [
        {
          field: 'calibrationId',
          value: calibration.id,
          expected:
            'a calibration of at most 16 different ratios; this one has 17: ask for one with `maxTrainedRatios`',
        },
      ],
    });
    expect(await store.pending(9)).toEqual([]);
    calibration.ratios.pop();
    expect((await service.submit(actor, request)).ratios).toHaveLength(16);
  });

  it('refuses a calibration of an imported table that does not say how it was measured', async () => {
    const { service, actor, request, calibration, lookups, store } = calibratedWorld();
    const table = withoutSamples(anImportedTable(aDevice(actor), { id: calibration.latencyTableId }));
    const says = (how: { batch?: number; threads?: number }) => {
      const cells = table.cells.map((cell) => ({ ...cell, provenance: { ...cell.provenance, ...how } }));
      lookups.tables.splice(0, 1, { ...table, cells });
      return service.submit(actor, request);
    };
    for (const [how, named] of [
      [{ batch: undefined, threads: 1 }, 'batch unknown, threads 1'],
      [{ batch: 8, threads: undefined }, 'batch 8, threads unknown'],
      [{ batch: 100_000, threads: 1 }, 'batch 100000, threads 1'],
    ] as const) {
      await expect(says(how as object)).rejects.toMatchObject({
        ...{ code: 'invalid_request', fields: [{ field: 'calibrationId', value: calibration.id }] },
        message: expect.stringContaining(named),
      });
    }
    const [first, ...others] = table.cells;
    const onFour = { ...first!, provenance: { ...first!.provenance, threads: 4 } };
    lookups.tables.splice(0, 1, { ...table, cells: [onFour, ...others] });
    await expect(service.submit(actor, request)).rejects.toThrow('batch 8, threads 4 and 1');
    expect(await store.pending(9)).toEqual([]);
    await expect(says({ batch: 8, threads: 1 })).resolves.toMatchObject({ state: 'queued' });
  });

  it('takes untrained ratios between those of a calibration', async () => {
    const { service, actor, request, store } = calibratedWorld();
    const refused = service.submit(actor, { ...request, untrainedRatios: [0.3] });
    const expected = 'ascending ratios without duplicates between 0 and 0.6, none of the trained ones';
    await expect(refused).rejects.toMatchObject({
      code: 'invalid_request',
      message: `untrainedRatios are 0.3: expected ${expected}`,
      fields: [{ field: 'untrainedRatios', value: '0.3', expected: `${expected}, which are 0, 0.3, 0.6` }],
    });
    expect(await store.pending(9)).toEqual([]);
    const job = await service.submit(actor, { ...request, untrainedRatios: [0.1, 0.45] });
    expect(job.spec.untrainedRatios).toEqual([0.1, 0.45]);
  });

  it('begins with the weights of a version of the same network, images and classes alone', async () => {
    const { service, actor, dataset, lookups } = aJobWorld();
    const { input, classes } = dataset;
    const request = aJobRequest({ datasetId: dataset.id, warmStart: { model: 'digits', version: 2 } });
    const submit = () => service.submit(actor, request);
    const named = { code: 'invalid_request', fields: [{ field: 'warmStart', value: 'digits version 2' }] };
    await expect(submit()).rejects.toMatchObject(named);
    const lineage = { jobId: randomUUID(), datasetId: dataset.id, datasetDigest: dataset.digest };
    const version = (changes: object) => {
      const fitting = { model: 'digits', version: 2, network: request.network, input, classes };
      lookups.versions.splice(0, 1, aModelVersion(actor, lineage, { ...fitting, ...changes }));
    };
    version({ classes: classes + 1 });
    await expect(submit()).rejects.toMatchObject(named);
    await expect(submit()).rejects.toThrow(`images of ${classes} classes; this one is of`);
    version({ network: { family: 'vgg', depth: 16, widthMultiplier: 1 } });
    await expect(submit()).rejects.toMatchObject(named);
    version({});
    expect((await submit()).spec.warmStart).toEqual({ model: 'digits', version: 2 });
  });

  it("does not find another team's dataset", async () => {
    const { service, dataset } = aJobWorld();
    const submitted = service.submit(anActor(), aJobRequest({ datasetId: dataset.id }));
    await expect(submitted).rejects.toMatchObject({ fields: [{ field: 'datasetId', value: dataset.id }] });
  });

  it('names every option that asks for more images than the dataset has', async () => {
    const { service, actor, dataset } = aJobWorld();
    const training = { trainImages: 5000, testImages: 5000, batchSize: 1001 };
    const submitted = service.submit(actor, aJobRequest({ datasetId: dataset.id, training }));
    await expect(submitted).rejects.toMatchObject({
      code: 'dataset_does_not_fit',
      fields: [
        { field: 'training.trainImages', value: 5000, expected: expect.stringContaining('1000') },
        { field: 'training.testImages', value: 5000 },
        { field: 'training.batchSize', value: 1001 },
      ],
    });
  });

  it('names a crop that may leave nothing of an image', async () => {
    const { service, actor, dataset } = aJobWorld();
    const training = { augmentation: { crop: 28 } };
    const submitted = service.submit(actor, aJobRequest({ datasetId: dataset.id, training }));
    await expect(submitted).rejects.toMatchObject({
      code: 'dataset_does_not_fit',
      fields: [{ field: 'training.augmentation.crop', value: 28, expected: expect.stringContaining('27') }],
    });
  });
});

/** The message of a stage of a job that nobody has resumed or retried. */
const first = (jobId: string, stage: 'train' | 'publish') => ({ jobId, stage, generation: 0 });

describe('the stages of a job', () => {
  it('goes from training over verification to its version', async () => {
    const { service, reports, actor, request, store, devices } = calibratedWorld();
    const { id } = await service.submit(actor, request);
    const training = await reports.begin(first(id, 'train'));
    await reports.progress(id, training!.attempt, progress);
    expect(await reports.trained(id, training!.attempt, aCandidate())).toMatchObject({ stage: 'verify' });
    await service.requestMeasuring(id);
    const task = devices.tasks.get(id)!;
    expect(await service.get(actor, id)).toMatchObject({ measuringTaskId: task });
    devices.result = { state: 'verified', points: [] };
    await service.applyOutcome(await service.get(actor, id), task);
    expect(await service.get(actor, id)).toMatchObject({ stage: 'publish' });
    const publishing = await reports.begin(first(id, 'publish'));
    await reports.published(id, publishing!.attempt, aVersionDraft(publishing!.job));
    expect(await service.get(actor, id)).toMatchObject({ state: 'succeeded', version: 1 });
    const stages = (await store.pending(9)).map((row) => row.message.stage);
    expect(stages).toEqual(['train', 'verify', 'publish']);
    const sequences = (await store.eventsAfter(actor, id, 0, 100)).map((event) => event.sequence);
    expect(sequences).toEqual(sequences.map((_, i) => i + 1));
  });

  it('publishes at once without a device', async () => {
    const { service, reports, actor, dataset } = aJobWorld();
    const { id } = await service.submit(actor, aJobRequest({ datasetId: dataset.id }));
    const { attempt } = (await reports.begin(first(id, 'train')))!;
    expect(await reports.trained(id, attempt, aCandidate())).toMatchObject({ stage: 'publish' });
  });

  it('has nothing to begin for a message that comes twice', async () => {
    const { service, reports, actor, dataset } = aJobWorld();
    const { id } = await service.submit(actor, aJobRequest({ datasetId: dataset.id }));
    const { attempt } = (await reports.begin(first(id, 'train')))!;
    await reports.trained(id, attempt, aCandidate());
    expect(await reports.begin(first(id, 'train'))).toBeUndefined();
  });

  it('refuses the writes of a worker that another one replaced', async () => {
    const { service, reports, actor, dataset } = aJobWorld();
    const { id } = await service.submit(actor, aJobRequest({ datasetId: dataset.id }));
    const old = (await reports.begin(first(id, 'train')))!.attempt;
    const current = (await reports.begin(first(id, 'train')))!.attempt;
    const superseded = { code: 'attempt_superseded', message: expect.stringContaining(id) };
    const error = { code: 'internal', fault: 'infrastructure' as const, message: 'late' };
    await expect(reports.progress(id, old, progress)).rejects.toMatchObject(superseded);
    await expect(reports.trained(id, old, aCandidate())).rejects.toMatchObject(superseded);
    await expect(reports.failed(id, old, error, true)).rejects.toMatchObject(superseded);
    await reports.progress(id, current, progress);
  });

  it('asks for one measurement, also when a crash kept the first from being noted', async () => {
    const { service, reports, actor, request, devices } = calibratedWorld();
    const job = await service.submit(actor, request);
    await reports.trained(job.id, (await reports.begin(first(job.id, 'train')))!.attempt, aCandidate());
    const lost = await devices.request(job);
    await service.requestMeasuring(job.id);
    await service.requestMeasuring(job.id);
    expect(await service.get(actor, job.id)).toMatchObject({ measuringTaskId: lost });
    expect(devices.tasks.size).toBe(1);
  });

  it('ends with the error of the device that could not measure', async () => {
    const { service, reports, actor, request, devices } = calibratedWorld();
    const { id } = await service.submit(actor, request);
    await reports.trained(id, (await reports.begin(first(id, 'train')))!.attempt, aCandidate());
    await service.requestMeasuring(id);
    const error = { code: 'measuring_failed', fault: 'device' as const, message: 'too hot' };
    devices.result = { state: 'failed', error };
    await service.applyOutcome(await service.get(actor, id), devices.tasks.get(id)!);
    const told = { ...error, advice: expect.stringContaining('retry the job') };
    expect(await service.get(actor, id)).toMatchObject({
      ...{ state: 'failed', error: told, candidate: aCandidate() },
    });
  });

  it.each([
    ['cancelled while it is asked for', 'cancel', { state: 'cancelled' }],
    ['paused before it was noted', 'pause', { state: 'paused', stage: 'verify' }],
  ] as const)('takes back the measuring task of a job that is %s', async (_, verb, expected) => {
    const { service, reports, actor, request, devices } = calibratedWorld();
    const { id } = await service.submit(actor, request);
    await reports.trained(id, (await reports.begin(first(id, 'train')))!.attempt, aCandidate());
    const ask = devices.request.bind(devices);
    devices.request = async (job) => {
      const taskId = await ask(job);
      await service[verb](actor, id);
      return taskId;
    };
    await service.requestMeasuring(id);
    expect(await service.get(actor, id)).toMatchObject(expected);
    expect(devices.cancelled).toEqual([devices.tasks.get(id)]);
  });

  it('cancels the measuring task of a job that is cancelled afterwards, and asks for another one after a retry', async () => {
    const { service, reports, actor, request, devices } = calibratedWorld();
    const { id } = await service.submit(actor, request);
    await reports.trained(id, (await reports.begin(first(id, 'train')))!.attempt, aCandidate());
    await service.requestMeasuring(id);
    const task = devices.tasks.get(id)!;
    expect(await service.cancel(actor, id)).toMatchObject({ state: 'cancelled' });
    expect(devices.cancelled).toEqual([task]);
    expect(await service.cancel(actor, id)).toMatchObject({ state: 'cancelled' });
    const retried = await service.retry(actor, id);
    expect(retried).toMatchObject({ state: 'running', stage: 'verify', generation: 1 });
    expect(retried.measuringTaskId).toBeUndefined();
    await service.requestMeasuring(id);
    expect((await service.get(actor, id)).measuringTaskId).toBeDefined();
  });

  it('goes through a profile: measures, calibrates, trains for what was chosen', async () => {
    const { service, reports, actor, dataset, lookups, devices, store } = aJobWorld();
    const device = aDevice(actor);
    lookups.devices.push(device);
    const profile = { deviceId: device.id };
    const asked = aJobRequest({ datasetId: dataset.id, ratios: undefined, profile });
    const { id, ...job } = await service.submit(actor, asked);
    expect(job).toMatchObject({ state: 'running', stage: 'measure', deviceId: device.id, ratios: [] });
    await service.requestMeasuring(id);
    const latencyTableId = randomUUID();
    devices.result = { state: 'profiled', latencyTableId };
    await service.applyOutcome(await service.get(actor, id), devices.tasks.get(id)!);
    expect(await service.get(actor, id)).toMatchObject({
      state: 'queued',
      stage: 'calibrate',
      latencyTableId,
    });
    const { attempt } = (await reports.begin({ jobId: id, stage: 'calibrate', generation: 0 }))!;
    const calibration = aCalibration(aLatencyTable(aMeasuringTask(device)), { ratios: [0, 0.4] });
    const calibrated = await reports.calibrated(id, attempt, calibration);
    const chosen = { calibrationId: calibration.id, ratios: [0, 0.4] };
    expect(calibrated).toMatchObject({ state: 'queued', stage: 'train', ...chosen });
    expect(await reports.calibrated(id, attempt, calibration)).toEqual(calibrated);
    const stages = (await store.pending(9)).map((row) => row.message.stage);
    expect(stages).toEqual(['measure', 'calibrate', 'train']);
  });

  it('names the device of a profile that is not there', async () => {
    const { service, actor, dataset } = aJobWorld();
    const profile = { deviceId: randomUUID() };
    const submitted = service.submit(
      actor,
      aJobRequest({ datasetId: dataset.id, ratios: undefined, profile }),
    );
    await expect(submitted).rejects.toMatchObject({ fields: [{ field: 'profile.deviceId' }] });
  });

  it('says that a job is unknown', async () => {
    const { service, reports, actor } = aJobWorld();
    const id = randomUUID();
    await expect(service.get(actor, id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(reports.begin(first(id, 'train'))).rejects.toMatchObject({ code: 'not_found' });
    await expect(service.requestMeasuring(id)).rejects.toMatchObject({ code: 'not_found' });
  });
});
