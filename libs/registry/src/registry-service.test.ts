import { randomUUID } from 'node:crypto';
import type { Job, LatencyTable, ModelVersion } from '#contracts';
import { submission } from '#jobs';
import {
  aBundle,
  aCalibration,
  aCandidate,
  aDataset,
  aDevice,
  aJob,
  aJobRequest,
  aLatencyTable,
  aMeasuringTask,
  anActor,
  MemoryJobProducts,
  MemoryJobStore,
  publishDraft,
} from '#testkit';
import { RegistryService } from './registry-service.js';

const tablesByTask = new Map<string, LatencyTable>();

/** A registry around one verified job of a calibrated device. */
function publishingWorld(changes: { verification?: LatencyTable } = {}) {
  const actor = anActor();
  const device = aDevice(actor);
  const dataset = aDataset(actor);
  const task = aMeasuringTask(device, { purpose: 'verify' });
  const verification = changes.verification ?? aLatencyTable(task);
  const calibration = aCalibration(aLatencyTable(aMeasuringTask(device)), { targetMs: 13, tolerance: 0.1 });
  const spec = aJobRequest({
    datasetId: dataset.id,
    ratios: undefined,
    calibrationId: calibration.id,
  });
  const job = aJob(actor, {
    spec,
    ...{ deviceId: device.id, calibrationId: calibration.id },
    stage: 'publish',
    candidate: aCandidate(),
    measuringTaskId: task.id,
  });
  const found = <T extends { id: string }>(it: T) => {
    return (_actor: unknown, id: string) => Promise.resolve(id === it.id ? it : undefined);
  };
  const jobs = new MemoryJobStore();
  const products = new MemoryJobProducts(jobs);
  const { models } = products;
  const service = new RegistryService({
    models,
    sources: {
      dataset: found(dataset),
      calibration: found(calibration),
      device: found(device),
      verification: (_actor, id) => Promise.resolve(id === task.id ? verification : tablesByTask.get(id)),
    },
    stabilityOf: (ms) => ({ spread: Math.max(...ms) / Math.min(...ms), varianceMs2: 0, cov: 0 }),
    now: () => new Date('2030-01-01T00:00:00.000Z'),
    newId: randomUUID,
  });
  const publish = async (published: Job): Promise<ModelVersion> => {
    if ((await jobs.load(published.id)) === undefined) await jobs.create(submission(published));
    return publishDraft(products, published.id, await service.draft(published));
  };
  return { actor, device, dataset, verification, calibration, job, service, publish };
}

const plain = (job: Job, datasetId: string): Job => ({
  ...job,
  id: randomUUID(),
  spec: aJobRequest({ datasetId }),
  ...{ candidate: job.candidate && { ...job.candidate, bundle: aBundle() } },
  ...{ deviceId: undefined, calibrationId: undefined },
  measuringTaskId: undefined,
});

describe('publishing', () => {
  it('makes the candidate a version that says where it comes from', async () => {
    const { service, publish, job, dataset, calibration, actor } = publishingWorld();
    const version = await publish(job);
    const { bundle, ratios, ...training } = aCandidate();
    expect(version).toMatchObject({
      ...{ ...actor, model: 'digits', version: 1, ratios, training },
      bundle: { ...bundle, url: '/v1/models/digits/versions/1/bundle' },
      network: job.spec.network,
      input: dataset.input,
      classes: 10,
      lineage: {
        jobId: job.id,
        datasetId: dataset.id,
        datasetDigest: dataset.digest,
        calibrationId: calibration.id,
      },
    });
    expect(await service.version(actor, 'digits', 1)).toEqual(version);
  });

  it('deploys it: ratios as chosen, latencies as verified, accuracies as trained', async () => {
    const { publish, job, device, verification, calibration } = publishingWorld();
    const [deployment] = (await publish(job)).deployments;
    expect(deployment).toMatchObject({
      ...{ model: 'digits', version: 1, deviceId: device.id, deviceName: device.name },
      ...{ calibrationId: calibration.id, latencyTableId: verification.id, targetMs: 13, emulated: true },
    });
    const [fast, slow] = deployment!.points;
    // Verified: fast 10 ms dense and 11 ms at 0.5, slow 12 and 13 ms; the target is 13 ms, 10 % off at most.
    expect(fast).toMatchObject({ ratio: 0, accuracy: 0.97, feasible: true, withinTolerance: false });
    expect(fast!.calibrated.p50Ms).toBe(10);
    expect(slow).toMatchObject({ ratio: 0.5, accuracy: 0.95, feasible: false, withinTolerance: true });
    expect(slow).toMatchObject({ dense: { p50Ms: 12 }, calibrated: { p50Ms: 13 } });
    expect(deployment!.stability).toMatchObject({ dense: { spread: 1.2 }, calibrated: { spread: 1.3 } });
  });

  it('gives a job one version, the next job the next', async () => {
    const { service, publish, job, dataset, actor } = publishingWorld();
    const first = await publish(job);
    expect(await publish(job)).toEqual(first);
    expect((await publish(plain(job, dataset.id))).version).toBe(2);
    expect(await service.model(actor, 'digits')).toMatchObject({ latestVersion: 2 });
  });

  it('runs at each point the ratio that was measured nearest to the target, in whichever round', async () => {
    const { publish, job, verification } = publishingWorld();
    const [first] = verification.cells;
    const later = {
      ...verification,
      id: randomUUID(),
      cells: [{ ...first!, operatingPoint: 'slow', ratio: 0.4, summary: { ...first!.summary, p50Ms: 12.9 } }],
    };
    const [dense, half] = aCandidate().ratios;
    const candidate = aCandidate({ ratios: [dense!, { ...half!, ratio: 0.4, accuracy: 0.96 }, half!] });
    const points = [
      { operatingPoint: 'fast', best: { ratio: 0, measuredMs: 10 }, held: false },
      { operatingPoint: 'slow', best: { ratio: 0.4, measuredMs: 12.9 }, held: true },
    ];
    const laterTask = randomUUID();
    const measuringTaskIds = [job.measuringTaskId!, laterTask];
    tablesByTask.set(laterTask, later);
    const verified = { ...job, candidate, verification: { rounds: 2, measuringTaskIds, points } };
    const [deployment] = (await publish(verified)).deployments;
    expect(deployment).toMatchObject({
      latencyTableId: verification.id,
      latencyTableIds: [verification.id, later.id],
      points: [
        { operatingPoint: 'fast', ratio: 0 },
        { operatingPoint: 'slow', ratio: 0.4, accuracy: 0.96, withinTolerance: true },
      ],
    });
    expect(deployment!.points[1]!.calibrated.p50Ms).toBe(12.9);
  });

  it('deploys nothing for a job without a calibration', async () => {
    const { publish, job, dataset } = publishingWorld();
    const version = await publish(plain(job, dataset.id));
    expect(version.deployments).toEqual([]);
    expect(version.lineage).not.toHaveProperty('calibrationId');
  });

  it('publishes nothing that is incomplete', async () => {
    const { service, publish, job, actor, verification } = publishingWorld();
    const unready = { code: 'internal' };
    await expect(publish({ ...job, candidate: undefined })).rejects.toMatchObject(unready);
    await expect(publish({ ...job, measuringTaskId: undefined })).rejects.toMatchObject(unready);
    await expect(publish(plain(job, randomUUID()))).rejects.toMatchObject(unready);
    const partial = { ...verification, cells: verification.cells.slice(0, 3) };
    const other = publishingWorld({ verification: partial });
    await expect(other.publish(other.job)).rejects.toThrow('have no cell for "slow" at ratio 0.5');
    await expect(service.model(actor, 'digits')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('shows models and versions to their team alone', async () => {
    const { service, publish, job, actor } = publishingWorld();
    await publish(job);
    const unknown = { code: 'not_found' };
    await expect(service.version(anActor(), 'digits', 1)).rejects.toMatchObject(unknown);
    await expect(service.version(actor, 'digits', 2)).rejects.toMatchObject(unknown);
    await expect(service.model(anActor(), 'digits')).rejects.toMatchObject(unknown);
  });
});
