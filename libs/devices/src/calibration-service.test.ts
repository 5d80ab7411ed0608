import { randomUUID } from 'node:crypto';
import { AppError, CreateCalibration, CreateDevice } from '#contracts';
import {
  aCalibration,
  aLatencyTable,
  aMeasuringTask,
  aMeasuringWorld,
  anActor,
  headerOf,
  MemoryCalibrations,
  withoutSamples,
} from '#testkit';
import { CalibrationService } from './calibration-service.js';
import type { CalibrationInput, Calibrator } from './calibrator.port.js';
import { DeviceService } from './device-service.js';
import { LatencyTables } from './latency-tables.js';
import { measuredMedians } from './measured-medians.js';

async function calibratingWorld(fails = false) {
  const { actor, device, tables, devices } = await aMeasuringWorld();
  const table = aLatencyTable(aMeasuringTask(device));
  tables.put(table);
  const { ratios, choices, stability, targetMs } = aCalibration(table);
  const asked: CalibrationInput[] = [];
  const calibrate: Calibrator = (input) => {
    asked.push(input);
    if (fails) throw new AppError('latency_table_unusable', 'no dense cell at "slow"');
    return { ratios, choices, stability, targetMs, tolerance: input.tolerance, mode: input.mode };
  };
  const calibrations = new MemoryCalibrations();
  const identity = { now: () => new Date('2030-01-01T00:00:00.000Z'), newId: () => randomUUID() };
  const service = new CalibrationService({ calibrations, tables, devices, calibrate, ...identity });
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
    const created = await service.create(actor, request());
    if (!('id' in created)) throw new Error('expected a stored calibration');
    expect(created).toMatchObject({
      ...actor,
      deviceId: device.id,
      latencyTableId: table.id,
      ratios: [0, 0.5],
    });
    expect(await service.get(actor, created.id)).toEqual(created);
    await expect(service.get(anActor(), created.id)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('stores nothing for a preview', async () => {
    const { service, actor, request } = await calibratingWorld();
    const preview = await service.create(actor, request({ save: false }));
    expect(preview).not.toHaveProperty('id');
    expect(preview).toMatchObject({ ratios: [0, 0.5] });
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
