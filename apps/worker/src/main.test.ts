import { fileURLToPath } from 'node:url';
import { spawnService } from '#runtime';
import { temporaryFolder, testDatabase, TYPESCRIPT_NODE_OPTIONS } from '#testkit';

test('says when it takes messages, and ends with 0 on SIGTERM', async () => {
  const [database, folder] = [await testDatabase(), await temporaryFolder('worker')];
  try {
    const worker = await spawnService({
      name: 'worker',
      entry: fileURLToPath(new URL('./main.ts', import.meta.url)),
      env: {
        NODE_OPTIONS: TYPESCRIPT_NODE_OPTIONS,
        DATABASE_URL: database.url,
        REDIS_URL: undefined,
        ARTIFACTS_URL: undefined,
        DATA_DIR: folder.path,
        LOG_LEVEL: 'error',
      },
      stdout: 'ignore',
    });
    expect(await worker.stop()).toEqual({ code: 0, signal: null });
  } finally {
    await database.drop();
    await folder.remove();
  }
});
