import { lockDataDirectory, type Config } from '#runtime';
import { deployMigrations, startEmbeddedPostgres, urlOfRunningPostgres } from '#storage';
import { databaseFolder } from './demo-directory.js';

/** The service's database: the one that runs, else the embedded one for as long as `work` takes. */
export async function withDatabase<T>(
  config: Pick<Config, 'databaseUrl'>,
  dataDir: string,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const running = config.databaseUrl ?? urlOfRunningPostgres(databaseFolder(dataDir));
  if (running !== undefined) {
    await deployMigrations(running);
    return work(running);
  }
  const unlock = lockDataDirectory(dataDir, 'launcher');
  try {
    const server = await startEmbeddedPostgres({ folder: databaseFolder(dataDir) });
    try {
      await deployMigrations(server.url);
      return await work(server.url);
    } finally {
      await server.stop();
    }
  } finally {
    unlock();
  }
}
