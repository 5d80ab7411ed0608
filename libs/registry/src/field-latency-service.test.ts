import { BLOCKS_BETWEEN_FALSE_ALARMS, driftEvidence, NO_DRIFT_SEEN, testDrift } from '#calibration';
import { PointDrift, type Deployment, type PostFieldLatencies } from '#contracts';
import { aDeploymentPoint, anActor, memoryRegistry, publishDeployment } from '#testkit';
import { FieldLatencyService } from './field-latency-service.js';
import { RegistryService } from './registry-service.js';

const MADE = '2030-01-01T00:00:00.000Z';
const NOW = '2030-01-05T00:00:00.000Z';

/** A deployment with points "slow" (10 ms) and "fast" (8 ms), 5 % tolerance. */
async function deployedWorld(changes: Partial<Deployment> = {}) {
  const harness = memoryRegistry();
  const { actor, models, drifts } = harness;
  const points = [aDeploymentPoint('slow', 10), aDeploymentPoint('fast', 8)];
  const deployment = await publishDeployment(harness, actor, { createdAt: MADE, points, ...changes });
  const missing = () => Promise.resolve(undefined);
  const registry = new RegistryService({
    models,
    sources: { dataset: missing, calibration: missing, device: missing, verification: missing },
    stabilityOf: () => ({ spread: 1, varianceMs2: 0, cov: 0 }),
    now: () => new Date(NOW),
    newId: () => '',
  });
  const service = new FieldLatencyService({
    registry,
    drifts,
    driftTest: {
      nothingSeen: NO_DRIFT_SEEN,
      evidenceNeeded: BLOCKS_BETWEEN_FALSE_ALARMS,
      evidenceIn: driftEvidence,
      observe: testDrift,
    },
    now: () => new Date(NOW),
  });
  const post = (latenciesMs: number[], more: Partial<PostFieldLatencies> = {}) =>
    service.post(actor, deployment.id, { operatingPoint: 'slow', latenciesMs, ...more });
  const drift = () => service.drift(actor, deployment.id);
  return { actor, deployment, registry, service, post, drift };
}

const latencies = (count: number, ms: number) => Array<number>(count).fill(ms);

describe('field latencies', () => {
  it('are held to the verified median of their point, in blocks that go on from post to post', async () => {
    const { post, deployment } = await deployedWorld();
    expect(await post([...latencies(10, 10.6), 10, 10])).toEqual({
      deploymentId: deployment.id,
      counted: true,
      operatingPoint: 'slow',
      predictedMs: 10,
      blocks: 1,
      pending: 2,
      evidence: { slower: 1.7, faster: expect.closeTo(0.3), needed: 100_000 },
      recentMediansMs: [10.6],
      recalibrationNeeded: false,
    });
    expect(await post(latencies(8, 10))).toMatchObject({
      blocks: 2,
      pending: 0,
      recentMediansMs: [10.6, 10],
    });
  });

  it('of a device that became slower raise an alarm that stays, with what raised it', async () => {
    const { post, drift } = await deployedWorld();
    await post(latencies(1000, 10));
    const measuredAt = '2030-01-03T00:00:00.000Z';
    const alarm = await post([...latencies(400, 10.8), ...latencies(600, 10)], { measuredAt });
    expect(alarm).toMatchObject({
      ...{ counted: true, recalibrationNeeded: true, drifted: 'slower', driftedAt: measuredAt },
      ...{ blocks: 119, recentMediansMs: [10, ...latencies(19, 10.8)] },
    });
    expect(alarm.evidence.slower).toBeGreaterThanOrEqual(alarm.evidence.needed);
    expect(await post(latencies(5000, 10))).toEqual({ ...alarm, counted: false });
    const after = await drift();
    expect(after).toMatchObject({ recalibrationNeeded: true });
    expect(after.points[0]).toEqual(PointDrift.parse(alarm));
    expect(after.points[1]).toMatchObject({ operatingPoint: 'fast', recalibrationNeeded: false, blocks: 0 });
  });

  it('say when a device became faster, at the time of the post where it names none', async () => {
    const { post } = await deployedWorld();
    const verdict = await post(latencies(190, 9.2));
    expect(verdict).toMatchObject({ recalibrationNeeded: true, drifted: 'faster', driftedAt: NOW });
  });

  it('of a sequence that was counted, or of an older one, count no more', async () => {
    const { post } = await deployedWorld();
    const counted = async (sequence: number | undefined) => {
      const verdict = await post(latencies(10, 10), { sequence });
      return [verdict.counted, verdict.blocks];
    };
    expect(await counted(0)).toEqual([true, 1]);
    expect(await counted(0)).toEqual([false, 1]);
    expect(await counted(7)).toEqual([true, 2]);
    expect(await counted(undefined)).toEqual([true, 3]);
    expect(await counted(6)).toEqual([false, 3]);
    expect(await post(latencies(10, 8), { operatingPoint: 'fast', sequence: 0 })).toMatchObject({
      ...{ counted: true, blocks: 1 },
    });
  });

  it('of points that the deployment has not are refused, naming those it has', async () => {
    const { post, drift } = await deployedWorld();
    const expected = 'one of "slow", "fast"';
    await expect(post([10], { operatingPoint: 'turbo' })).rejects.toMatchObject({
      code: 'invalid_request',
      fields: [{ field: 'operatingPoint', value: 'turbo', expected }],
    });
    expect((await drift()).points.map((point) => point.pending)).toEqual([0, 0]);
  });

  it('cannot be older than the deployment or of the future, give or take what clocks differ', async () => {
    const { post } = await deployedWorld();
    for (const measuredAt of ['2029-12-31T23:00:00.000Z', '2030-01-05T01:00:00.000Z']) {
      const fields = [{ field: 'measuredAt', value: measuredAt }];
      await expect(post([10], { measuredAt })).rejects.toMatchObject({ code: 'invalid_request', fields });
    }
    for (const measuredAt of ['2029-12-31T23:59:00.000Z', '2030-01-05T00:01:00.000Z']) {
      expect(await post([10], { measuredAt })).toMatchObject({ counted: true });
    }
  });

  it('are taken at the widest tolerance that a calibration allows', async () => {
    const { post } = await deployedWorld({ tolerance: 1 });
    expect(await post(latencies(400, 19))).toMatchObject({ recalibrationNeeded: false });
    expect(await post(latencies(400, 21))).toMatchObject({ drifted: 'slower' });
  });

  it('belong to their team', async () => {
    const { service, registry, deployment } = await deployedWorld();
    const stranger = anActor();
    const unknown = { code: 'not_found' };
    const request = { operatingPoint: 'slow', latenciesMs: [10] };
    await expect(service.post(stranger, deployment.id, request)).rejects.toMatchObject(unknown);
    await expect(service.drift(stranger, deployment.id)).rejects.toMatchObject(unknown);
    await expect(registry.deployment(stranger, deployment.id)).rejects.toMatchObject(unknown);
    expect((await registry.deployments(stranger, { limit: 5 })).items).toEqual([]);
  });
});
