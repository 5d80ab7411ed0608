import { randomUUID } from 'node:crypto';
import { CreateMeasuringTask, type CreateMeasuringTask as Request } from '#contracts';
import { aCalibration, aLatencyTable, aMeasuringTask, aMeasuringWorld, anImportedTable } from '#testkit';

const network = { family: 'resnet', depth: 8, widthMultiplier: 0.25 };
const input = { channels: 1, height: 28, width: 28 };

function request(deviceId: string, ratios = [0, 0.5]): Request {
  const protocol = { batch: 16, samples: 5 };
  return CreateMeasuringTask.parse({ deviceId, network, input, classes: 10, ratios, protocol });
}

/** A world in which the device was measured (in batches of 16) and calibrated. */
async function calibratedWorld() {
  const world = await aMeasuringWorld();
  const profile = await world.requests.profile(world.actor, request(world.device.id));
  const table = aLatencyTable(aMeasuringTask(world.device, { id: profile.id }));
  world.tables.put(table);
  const calibration = aCalibration(table);
  await world.calibrations.create(calibration);
  const verification = {
    jobId: randomUUID(),
    calibrationId: calibration.id,
    bundleDigest: 'b'.repeat(64),
    ...{ generation: 0, roundsBefore: 0, cells: [] },
  };
  return { ...world, verification };
}

describe('asking for a profile', () => {
  it('plans every ratio at every operating point, one point after the other', async () => {
    const { requests, actor, device, subnets } = await aMeasuringWorld();
    const task = await requests.profile(actor, request(device.id));
    expect(task).toMatchObject({ purpose: 'profile', state: 'queued', cellsDone: 0, ...actor });
    expect(task.operatingPoints).toEqual(device.operatingPoints);
    expect(task.cells).toEqual([
      { index: 0, operatingPoint: 'fast', ratio: 0 },
      { index: 1, operatingPoint: 'fast', ratio: 0.5 },
      { index: 2, operatingPoint: 'slow', ratio: 0 },
      { index: 3, operatingPoint: 'slow', ratio: 0.5 },
    ]);
    expect(subnets.batches).toEqual([16]);
  });

  it('names the device that is not there', async () => {
    const { requests, actor } = await aMeasuringWorld();
    const asked = requests.profile(actor, request(randomUUID()));
    await expect(asked).rejects.toMatchObject({ code: 'invalid_request', fields: [{ field: 'deviceId' }] });
  });

  it('stores nothing when a ratio cannot be met', async () => {
    const { requests, actor, device, tasks } = await aMeasuringWorld();
    const asked = requests.profile(actor, request(device.id, [0, 0.95]));
    await expect(asked).rejects.toMatchObject({ code: 'ratio_unreachable' });
    expect((await tasks.list(actor, { limit: 5 })).items).toEqual([]);
  });
});

describe('asking for a verification', () => {
  it('measures the dense and the chosen subnet of every point, as the calibration was measured but twice as well', async () => {
    const { requests, actor, device, verification, subnets } = await calibratedWorld();
    const task = await requests.verification(actor, verification);
    expect(task).toMatchObject({ purpose: 'verify', jobId: verification.jobId, deviceId: device.id });
    expect(task.protocol).toMatchObject({ batch: 16, samples: 5, relativeInterval: 0.01, maxSamples: 240 });
    expect(task.cells).toEqual([
      { index: 0, operatingPoint: 'fast', ratio: 0 },
      { index: 1, operatingPoint: 'slow', ratio: 0 },
      { index: 2, operatingPoint: 'slow', ratio: 0.5 },
    ]);
    expect(subnets.batches).toEqual([16, 16]);
  });

  it('measures the merged ratio of a point where fewer were to be trained', async () => {
    const { requests, actor, calibrations, verification } = await calibratedWorld();
    const { choices, stability, ...rest } = (await calibrations.find(actor, verification.calibrationId))!;
    const merged = {
      ratios: [0, 0.4],
      choices: choices.map(({ operatingPoint }) => ({ operatingPoint, ratio: 0.4, predictedMs: 11 })),
      stability: stability.calibrated,
    };
    const calibration = { ...rest, choices, stability, merged, ratios: [0, 0.4], id: randomUUID() };
    await calibrations.create(calibration);
    const task = await requests.verification(actor, { ...verification, calibrationId: calibration.id });
    expect(task.cells.map(({ operatingPoint, ratio }) => [operatingPoint, ratio])).toEqual([
      ['fast', 0],
      ['slow', 0],
      ['slow', 0.4],
    ]);
  });

  it('measures as an imported table says that it was measured', async () => {
    const { requests, actor, device, tables, calibrations, verification } = await calibratedWorld();
    const table = tables.put(anImportedTable(device));
    const calibration = aCalibration(table);
    await calibrations.create(calibration);
    const asked = requests.verification(actor, { ...verification, calibrationId: calibration.id });
    expect((await asked).protocol).toMatchObject({ batch: 8, threads: 1 });
  });

  it('measures in a later round what that asks for, and nothing else', async () => {
    const { requests, actor, verification, subnets } = await calibratedWorld();
    const first = await requests.verification(actor, verification);
    const cells = [
      { operatingPoint: 'slow', ratio: 0.4 },
      { operatingPoint: 'fast', ratio: 0.4 },
    ];
    const later = await requests.verification(actor, { ...verification, roundsBefore: 1, cells });
    expect(later.id).not.toBe(first.id);
    expect(later.cells).toEqual(cells.map((cell, index) => ({ index, ...cell })));
    expect(subnets.wanted).toEqual([0.4, 0.4]);
    const again = await requests.verification(actor, { ...verification, roundsBefore: 1, cells });
    expect(again.id).toBe(later.id);
  });

  it('creates one task per job', async () => {
    const { requests, actor, verification } = await calibratedWorld();
    const first = await requests.verification(actor, verification);
    const second = await requests.verification(actor, verification);
    expect(second.id).toBe(first.id);
    const other = await requests.verification(actor, { ...verification, jobId: randomUUID() });
    expect(other.id).not.toBe(first.id);
  });

  it('says that the calibration is gone', async () => {
    const { requests, actor, verification } = await calibratedWorld();
    const asked = requests.verification(actor, { ...verification, calibrationId: randomUUID() });
    await expect(asked).rejects.toMatchObject({ code: 'not_found' });
  });
});
