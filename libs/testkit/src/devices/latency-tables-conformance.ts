import { randomUUID } from 'node:crypto';
import { aDevice, anImportedTable, headerOf, withoutSamples } from './device-fixtures.js';
import type { DeviceRepositoriesHarness } from './device-repositories-conformance.js';

type Harness = Pick<DeviceRepositoriesHarness, 'devices' | 'tables' | 'actor' | 'stranger' | 'close'>;

/** What every repository of latency tables promises. `open` gives an empty one. */
export function latencyTablesConformance(name: string, open: () => Promise<Harness>): void {
  describe(`${name} as a repository of latency tables`, () => {
    let harness: Harness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    const newDevice = async () => {
      const device = aDevice(harness.actor);
      await harness.devices.create(device);
      return device;
    };
    const at = (second: number) => new Date(Date.UTC(2030, 0, 1) + second * 1000).toISOString();

    it('stores a table whose cells have no widths, MACs or samples, and shows it to its team alone', async () => {
      const table = anImportedTable(await newDevice());
      expect(await harness.tables.create(table)).toEqual(headerOf(table));
      expect(await harness.tables.find(harness.actor, table.id)).toEqual(withoutSamples(table));
      expect(await harness.tables.find(harness.stranger, table.id)).toBeUndefined();
      expect(await harness.tables.findCell(harness.stranger, table.id, 0)).toBeUndefined();
      expect((await harness.tables.list(harness.stranger, { limit: 5 })).items).toEqual([]);
    });

    it('gives the samples of one cell at a time, in their order', async () => {
      const device = await newDevice();
      const table = anImportedTable(device);
      const samplesMs = Array.from({ length: 1000 }, (_, i) => 10 + ((i * 7919) % 1000) / 1000);
      table.cells[1] = {
        ...table.cells[1]!,
        samplesMs,
        sampleCount: 1000,
        widths: { stem: 2 },
        macs: 2 ** 40,
      };
      await harness.tables.create(table);
      expect(await harness.tables.findCell(harness.actor, table.id, 1)).toEqual(table.cells[1]);
      expect(await harness.tables.findCell(harness.actor, table.id, 0)).toEqual(table.cells[0]);
      expect(await harness.tables.findCell(harness.actor, table.id, 2)).toBeUndefined();
      expect(await harness.tables.findCell(harness.actor, randomUUID(), 0)).toBeUndefined();
    });

    it('counts the versions of each device, also of tables that come at the same time', async () => {
      const [device, other] = [await newDevice(), await newDevice()];
      const create = () => harness.tables.create(anImportedTable(device));
      const tables = await Promise.all([create(), create(), create(), create()]);
      expect(tables.map((table) => table.version).sort()).toEqual([1, 2, 3, 4]);
      expect(await harness.tables.create(anImportedTable(other))).toMatchObject({ version: 1 });
    });

    it('lists tables without cells, newest first, page by page, of all devices or one', async () => {
      const [device, other] = [await newDevice(), await newDevice()];
      for (const [second, owner] of [device, other, device].entries()) {
        await harness.tables.create(anImportedTable(owner, { createdAt: at(second) }));
      }
      const list = (query: object) => harness.tables.list(harness.actor, { limit: 2, ...query });
      const first = await list({});
      const second = await list({ cursor: first.nextCursor });
      const all = [...first.items, ...second.items];
      expect(all.map((table) => table.createdAt)).toEqual([at(2), at(1), at(0)]);
      expect(all.map((table) => table.version)).toEqual([2, 1, 1]);
      expect(all[0]).not.toHaveProperty('cells');
      const ofDevice = await list({ deviceId: device.id });
      expect(ofDevice.items.map((table) => table.createdAt)).toEqual([at(2), at(0)]);
      expect(await list({ deviceId: randomUUID() })).toEqual({ items: [] });
    });
  });
}
