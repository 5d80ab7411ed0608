import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { lockDataDirectory, onShutdown } from '#runtime';
import { deployMigrations, startEmbeddedPostgres } from '#storage';
import { ensureAdminKey, readAdminKey } from '../access/admin-key.js';
import { withAccess } from '../access/open-access.js';
import type { Terminal } from '../terminal/terminal.js';
import {
  artifactsFolder,
  claimForDemo,
  clearDemoDirectory,
  keepFromDemos,
  databaseFolder,
} from './demo-directory.js';
import { ServiceGroup } from './service-group.js';

const LOOPBACK = '127.0.0.1';

export interface StackOptions {
  /** Absolute. */
  readonly dataDir: string;
  readonly host: string;
  /** 0 lets the API take a free one. */
  readonly port: number;
  readonly worker: boolean;
  /** What becomes of data in the directory: a fresh start deletes what an earlier demo left, and nothing else. */
  readonly start: 'keep' | 'fresh-demo' | 'keep-demo';
  readonly databaseUrl: string | undefined;
  readonly artifactsUrl: string | undefined;
  /** Where the worker serves metrics; without it on a free port that this machine alone reaches. */
  readonly metricsPort: number | undefined;
  /** Told when a service has ended by itself and starting it again did not help. */
  readonly onFailure: (error: Error) => void;
}

export interface Stack {
  readonly url: string;
  /** Where the worker serves its metrics, where there is one. */
  readonly workerMetricsUrl: string | undefined;
  /** Of role admin, where one is kept in the data directory. */
  readonly adminKey: string | undefined;
  readonly logFolder: string;
  /** Starts an agent process for a registered device, with a key of that device. */
  startAgent(deviceId: string, apiKey: string, realClocks: boolean): Promise<void>;
}

/**
 * Brings up the database, the API and a worker, each of which is stopped in the opposite order when the process is
 * shut down.
 * @throws DataDirectoryInUseError, NotADemoDirectoryError, ServiceFailedError, or the database's own error.
 */
export async function startStack(options: StackOptions, terminal: Terminal): Promise<Stack> {
  const { dataDir, host, databaseUrl } = options;
  const unlock = lockDataDirectory(dataDir, 'launcher');
  onShutdown(unlock);
  if (options.start === 'keep') keepFromDemos(dataDir);
  if (options.start === 'fresh-demo') await clearDemoDirectory(dataDir);
  // Artifacts of a database that is elsewhere must outlive any demo.
  if (options.start !== 'keep' && databaseUrl === undefined) await claimForDemo(dataDir);
  const database = databaseUrl ?? (await startDatabase(dataDir, terminal));
  const applied = await deployMigrations(database);
  if (applied.length > 0) terminal.say(`database schema brought up to date (${applied.length} migrations)`);

  const artifactsUrl = options.artifactsUrl ?? pathToFileURL(artifactsFolder(dataDir)).href;
  await withAccess({ databaseUrl: database, artifactsUrl }, (access) =>
    ensureAdminKey(access, dataDir, (text) => terminal.say(text)),
  );
  const env = {
    DATABASE_URL: database,
    ARTIFACTS_URL: artifactsUrl,
    ISOCHRON_API_KEY: undefined, // neither API nor worker is a client
    DATA_DIR: dataDir,
    HOST: host,
    PORT: String(options.port),
  };
  const logFolder = path.join(dataDir, 'log');
  const services = new ServiceGroup(logFolder, terminal, options.onFailure);
  const { url } = await services.start({ name: 'api', env, restarts: true });
  if (url === undefined) throw new Error('the API serves but did not say at which address');
  const workerEnv = { ...env, ...metricsPlace(options) };
  const worker = options.worker
    ? await services.start({ name: 'worker', env: workerEnv, restarts: true })
    : undefined;
  const startAgent = async (deviceId: string, apiKey: string, realClocks: boolean) => {
    const args = ['--server', url, '--device', deviceId, ...(realClocks ? ['--real-clocks'] : [])];
    await services.start({
      name: 'agent',
      args,
      env: { ...env, DATABASE_URL: undefined, REDIS_URL: undefined, ISOCHRON_API_KEY: apiKey },
    });
  };
  const workerMetricsUrl = worker?.url && `${worker.url}/metrics`;
  return { url, workerMetricsUrl, adminKey: readAdminKey(dataDir), logFolder, startAgent };
}

/** A port that nobody asked for is to be reached by nobody else. */
function metricsPlace({ host, metricsPort }: StackOptions): { HOST: string; METRICS_PORT: string } {
  return metricsPort === undefined
    ? { HOST: LOOPBACK, METRICS_PORT: '0' }
    : { HOST: host, METRICS_PORT: String(metricsPort) };
}

async function startDatabase(dataDir: string, terminal: Terminal): Promise<string> {
  const onProgress = (message: string) => terminal.say(`database: ${message}`);
  const starting = startEmbeddedPostgres({ folder: databaseFolder(dataDir), onProgress });
  onShutdown(async () => {
    await starting.then((server) => server.stop()).catch(() => {});
  });
  return (await starting).url;
}
