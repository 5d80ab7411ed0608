import { randomUUID } from 'node:crypto';
import { AppError, CreateCalibration, CreateDevice } from '#contracts';
import {
  aCalibration,
  aLatencyTable,
  aMeasuringTask,
  aMeasuringWorld,
  anActor,
  anImportedTable,
  headerOf,
  MemoryCalibrations,
  withoutSamples,
} from '#testkit';
import { CalibrationService } from './calibration-service.js';
import type { CalibrationInput, Calibrator } from './calibrator.port.js';
import { DeviceService } from './device-service.js';
import { LatencyTables } from './latency-tables.js';
import { measuredMedians } from './measured-medians.js';
import type { VersionAccuracies } from './version-accuracies.port.js';

const ACCURACIES = [
  { ratio: 0, accuracy: 0.98 },
  { ratio: 0.5, accuracy: 0.96 },
];

async function calibratingWorld(fails = false) {
  const { actor, device, tables, devices } = await aMeasuringWorld();
  const table = aLatencyTable(aMeasuringTask(device));
  tables.put(table);
  const { ratios, choices, stability, targetMs } = aCalibration(table);
  const asked: CalibrationInput[] = [];
  const calibrate: Calibrator = (input) => {
    asked.push(input);
    if (fails) throw new AppError('latency_table_unusable', 'no dense cell at "slow"');
    const { tolerance, mode } = input;
    return { ratios, choices, unmeasuredPoints: [], stability, targetMs, tolerance, mode };
  };
  const accuraciesOf: VersionAccuracies = (who, { model, version }) =>
    Promise.resolve(
      who.teamId === actor.teamId && model === 'digits' && version === 3 ? ACCURACIES : undefined,
    );
  const calibrations = new MemoryCalibrations();
  const identity = { now: () => new Date('2030-01-01T00:00:00.000Z'), newId: () => randomUUID() };
  const service = new CalibrationService({
    ...{ calibrations, tables, devices, calibrate, accuraciesOf },
    ...identity,
  });
  const request = (changes: object = {}) => CreateCalibration.parse({ latencyTableId: table.id, ...changes });
  return { actor, device, devices, tables, table, asked, service, request, identity };
}

describe('calibrating', () => {
  it('gives the medians of the table, its operating points with their clocks and what is wanted to the calibrator', async () => {
    const { service, actor, request, asked, table, device } = await calibratingWorld();
    const target = { kind: 'latency', latencyMs: 12 };
    await service.create(actor, request({ target, tolerance: 0.1, maxTrainedRatios: 3 }));
    const measured = measuredMedians(table);
    const operatingPoints = device.operatingPoints.map(({ name, ...clocks }) => ({ name, clocks }));
    const rest = { target, tolerance: 0.1, mode: 'stable', maxTrainedRatios: 3 };
    expect(asked).toEqual([{ cells: measured, operatingPoints, ...rest }]);
    expect(measured.map(({ p50Ms }) => p50Ms)).toEqual([10, 11, 12, 13]);
  });

  it('stores the calibration with the device that was measured', async () => {
    const { service, actor, request, device, table } = await calibratingWorld();
    const limits = { maxRatio: 0.8, maxTrainedRatios: 3, accuracies: ACCURACIES };
    const created = await service.create(actor, request({ save: true, mode: 'deadline', ...limits }));
    if (!('id' in created)) throw new Error('expected a stored calibration');
    expect(created).toMatchObject({
      ...{ ...actor, deviceId: device.id, latencyTableId: table.id, ratios: [0, 0.5] },
      ...{ target: { kind: 'fastest-at-ratio', ratio: 0 }, mode: 'deadline', ...limits },
    });
    expect(await service.get(actor, created.id)).toEqual(created);
    await expect(service.get(anActor(), created.id)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('stores nothing unless it is asked to', async () => {
    const { service, actor, request } = await calibratingWorld();
    const preview = await service.create(actor, request({ maxRatio: 0.8 }));
    expect(preview).not.toHaveProperty('id');
    expect(preview).not.toHaveProperty('save');
    expect(preview).toMatchObject({ ratios: [0, 0.5], maxRatio: 0.8 });
  });

  it('has the points of the device that the table lacks predicted', async () => {
    const { service, actor, request, asked, table, tables, device } = await calibratingWorld();
    const cells = table.cells.filter(({ operatingPoint }) => operatingPoint === 'slow');
    const partial = { ...table, id: randomUUID(), cells };
    tables.put(partial);
    await service.create(actor, request({ latencyTableId: partial.id }));
    expect(asked[0]!.cells.map(({ operatingPoint }) => operatingPoint)).toEqual(['slow', 'slow']);
    const clocks = device.operatingPoints.map(({ name: _, ...rest }) => rest);
    expect(asked[0]!.operatingPoints).toEqual([
      { name: 'slow', clocks: clocks[1] },
      { name: 'fast', clocks: clocks[0] },
    ]);
  });

  it('takes accuracies from a version of the team, and says from which', async () => {
    const { service, actor, request, asked } = await calibratingWorld();
    const version = { model: 'digits', version: 3 };
    const preview = await service.create(actor, request({ version }));
    expect(asked[0]).toMatchObject({ accuracies: ACCURACIES });
    expect(asked[0]).not.toHaveProperty('version');
    expect(preview).toMatchObject({ accuracies: ACCURACIES, version });
    const unknown = service.create(actor, request({ version: { model: 'digits', version: 4 } }));
    const fields = [{ field: 'version', value: 'digits version 4' }];
    await expect(unknown).rejects.toMatchObject({ code: 'invalid_request', fields });
  });

  it('refuses accuracies that are given twice, or in no order', () => {
    const parse = (changes: object) =>
      CreateCalibration.safeParse({ latencyTableId: randomUUID(), ...changes });
    expect(parse({ accuracies: ACCURACIES }).success).toBe(true);
    const both = parse({ accuracies: ACCURACIES, version: { model: 'digits', version: 3 } });
    expect(both.error!.issues[0]).toMatchObject({
      path: ['accuracies'],
      message: expect.stringContaining('not both'),
    });
    const descending = parse({ accuracies: ACCURACIES.toReversed() });
    expect(descending.error!.issues[0]).toMatchObject({
      path: ['accuracies'],
      message: 'expected ascending ratios without duplicates',
    });
    expect(parse({ accuracies: [{ ratio: 0, accuracy: 98 }] }).success).toBe(false);
  });

  it('names the latency table that is not there', async () => {
    const { service, actor, request } = await calibratingWorld();
    const created = service.create(actor, request({ latencyTableId: randomUUID() }));
    const refused = { code: 'invalid_request', fields: [{ field: 'latencyTableId' }] };
    await expect(created).rejects.toMatchObject(refused);
  });

  it('passes on why the table cannot be used', async () => {
    const { service, actor, request } = await calibratingWorld(true);
    const created = service.create(actor, request());
    await expect(created).rejects.toMatchObject({ code: 'latency_table_unusable' });
  });
});

describe('what calibration needs of a cell', () => {
  it('has the number of samples beside the interval, and of a stated figure what the file says', async () => {
    const { table, device } = await calibratingWorld();
    expect(measuredMedians(table)[0]).toEqual({
      ...{ operatingPoint: 'fast', ratio: 0, p50Ms: 10, p50LowMs: 10, p50HighMs: 10, n: 3, stdMs: 0 },
    });
    const imported = anImportedTable(device);
    const [cell] = imported.cells;
    const stated = { stated: true, p50Ms: 10, p50Is: 'mean', n: 50, stdMs: 0.2 } as const;
    expect(measuredMedians(imported)[0]).toEqual({ operatingPoint: 'fast', ratio: 0, p50Ms: 10 });
    expect(measuredMedians({ cells: [{ ...cell!, summary: stated }] })).toEqual([
      { operatingPoint: 'fast', ratio: 0, p50Ms: 10, n: 50, stdMs: 0.2 },
    ]);
  });
});

describe('devices and their tables', () => {
  it('registers a device and refuses its name a second time', async () => {
    const { devices, actor, identity } = await calibratingWorld();
    const service = new DeviceService({ devices, ...identity });
    const request = CreateDevice.parse({ name: 'tablet', operatingPoints: [{ name: 'only', cpuHz: 1e9 }] });
    const device = await service.create(actor, request);
    expect(await service.get(actor, device.id)).toEqual(device);
    expect((await service.list(actor, { limit: 5 })).items).toContainEqual(device);
    await expect(service.create(actor, request)).rejects.toMatchObject({ code: 'already_exists' });
    await expect(service.get(anActor(), device.id)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('shows the tables of a device', async () => {
    const { tables, table, actor, device } = await calibratingWorld();
    const service = new LatencyTables(tables);
    expect(await service.get(actor, table.id)).toEqual(withoutSamples(table));
    expect(await service.cell(actor, table.id, 3)).toEqual(table.cells[3]);
    const { items } = await service.list(actor, { limit: 5, deviceId: device.id });
    expect(items).toEqual([headerOf(table)]);
    await expect(service.get(anActor(), table.id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(service.cell(actor, table.id, 4)).rejects.toMatchObject({ code: 'not_found' });
  });
});
