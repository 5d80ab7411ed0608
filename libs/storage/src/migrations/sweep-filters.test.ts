import { randomUUID } from 'node:crypto';
import { withOlderDatabase } from './deploy-older.fixture.js';

const MIGRATION = '20261126201604_sweep_filters';

test('sweeps that were stored before are found by their model and labels', () =>
  withOlderDatabase(MIGRATION, async (client, migrate) => {
    // What the rows refer to does not matter here.
    await client.query('SET session_replication_role = replica');
    for (const labels of [{ team: 'vision' }, {}]) {
      await client.query(
        `INSERT INTO "Sweep" (id, "teamId", owner, spec, members, state)
        VALUES ($1, $1, 'ada', $2, '[]', 'running')`,
        [randomUUID(), { base: { model: 'digits' }, labels }],
      );
    }
    await migrate();
    const { rows } = await client.query('SELECT model, labels FROM "Sweep" ORDER BY labels');
    expect(rows).toEqual([
      { model: 'digits', labels: {} },
      { model: 'digits', labels: { team: 'vision' } },
    ]);
  }));
