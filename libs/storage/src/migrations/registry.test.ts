import { randomUUID } from 'node:crypto';
import { withOlderDatabase } from './deploy-older.fixture.js';

const MIGRATION = '20261126153329_registry';

test('versions that were published before get digest and size of their bundles, and models their last numbers', () =>
  withOlderDatabase(MIGRATION, async (client, migrate) => {
    // What the rows refer to does not matter here.
    await client.query('SET session_replication_role = replica');
    const [teamId, modelId] = [randomUUID(), randomUUID()];
    await client.query(
      'INSERT INTO "Model" (id, "teamId", owner, name, "latestVersion") VALUES ($1, $2, $3, $4, 2)',
      [modelId, teamId, 'ada', 'digits'],
    );
    for (const version of [1, 2]) {
      const bundle = { digest: String(version).repeat(64), bytes: 100 * version, url: '/x' };
      await client.query(
        `INSERT INTO "ModelVersion" (id, "teamId", owner, "modelId", version, "jobId", "datasetId", "datasetDigest",
          bundle, network, input, classes, ratios, training)
        VALUES ($1, $2, 'ada', $3, $4, $5, $5, '', $6, '{}', '{}', 2, '[]', '{}')`,
        [randomUUID(), teamId, modelId, version, randomUUID(), bundle],
      );
    }
    await migrate();
    const models = await client.query('SELECT "latestVersion", "lastNumber" FROM "Model"');
    expect(models.rows).toEqual([{ latestVersion: 2, lastNumber: 2 }]);
    const versions = await client.query(
      'SELECT digest, bytes::int, source, description, tags FROM "ModelVersion" ORDER BY version',
    );
    const nothingSaid = { source: 'job', description: '', tags: {} };
    expect(versions.rows).toEqual([
      { digest: '1'.repeat(64), bytes: 100, ...nothingSaid },
      { digest: '2'.repeat(64), bytes: 200, ...nothingSaid },
    ]);
  }));
