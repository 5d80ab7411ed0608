import { randomUUID } from 'node:crypto';
import { aMeasuredCell } from '#testkit';
import { openStorage } from '../storage.js';
import { withOlderDatabase } from './deploy-older.fixture.js';

const MIGRATION = '20261126023337_imported_latency_tables';

test('tables that were measured before get versions by their age, their source and their counts', () =>
  withOlderDatabase(MIGRATION, async (client, migrate, databaseUrl) => {
    const [{ id: teamId }] = (await client.query<{ id: string }>('SELECT id FROM "Team"')).rows as [
      { id: string },
    ];
    const insert = (table: string, row: Record<string, unknown>) => {
      const columns = Object.keys({ teamId, owner: 'ada', ...row });
      const values = Object.values({ teamId, owner: 'ada', ...row });
      const places = values.map((_, i) => `$${i + 1}`);
      const names = columns.map((column) => `"${column}"`);
      return client.query(`INSERT INTO "${table}" (${names.join()}) VALUES (${places.join()})`, values);
    };
    const [deviceId, newer, older] = [randomUUID(), randomUUID(), randomUUID()];
    await insert('Device', { id: deviceId, name: 'phone', labels: {}, operatingPoints: '[]' });
    for (const [id, createdAt] of [
      [newer, '2026-02-01'],
      [older, '2026-01-01'],
    ] as const) {
      const json = { input: {}, protocol: {}, operatingPoints: '[]', subnets: '[]', cells: '[]' };
      const task = { id, deviceId, purpose: 'profile', state: 'completed', cellsDone: 1, ...json };
      await insert('MeasuringTask', task);
      const table = { id, deviceId, measuringTaskId: id, purpose: 'profile', emulated: true, createdAt };
      await insert('LatencyTable', table);
    }
    const { samplesMs, summary, provenance } = aMeasuredCell(0);
    const cell = {
      operatingPoint: 'slow',
      ratio: 0,
      widths: { stem: 2 },
      macs: 9,
      samplesMs,
      summary,
      provenance,
    };
    await insert('LatencyCell', { latencyTableId: older, index: 0, ...cell });

    await migrate();
    const storage = await openStorage({
      databaseUrl,
      artifactsUrl: '/nowhere',
      onError: () => {},
    });
    try {
      const { items } = await storage.latencyTables.list({ teamId, owner: 'ada' }, { limit: 5 });
      expect(items).toMatchObject([
        { id: newer, version: 2, cellCount: 0, sampleCount: 0 },
        { id: older, version: 1, cellCount: 1, sampleCount: 3, marks: [], markCount: 0 },
      ]);
      expect(items[1]!.source).toEqual({ kind: 'measured', measuringTaskId: older });
      const found = await storage.latencyTables.findCell({ teamId, owner: 'ada' }, older, 0);
      expect(found).toEqual({ index: 0, ...cell, sampleCount: 3 });
    } finally {
      await storage.close();
    }
  }));
