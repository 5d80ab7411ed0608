import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { memoryOptionsOf, spawnService, type RunningService as ServiceProcess } from '#runtime';
import {
  DEFAULT_TEAM_ID,
  deployMigrations,
  openStorage,
  startEmbeddedPostgres,
  type Storage,
} from '#storage';
import { wireService } from '#service';
import { addDataset } from './add-dataset.js';
import { startRedis } from './redis-server.js';

export type Backend = 'redis' | 'postgres';

/** The built API as a process of its own, over an embedded PostgreSQL and, if asked for, a Redis; nothing is stored. */
export interface EmptyService {
  readonly backend: Backend;
  readonly url: string;
  /** What requests carry. */
  readonly headers: Readonly<Record<string, string>>;
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
  readonly artifactsUrl: string;
  /** To look at what the API has stored. */
  readonly storage: Storage;
  /** The most memory that the API has had so far: its resident set, as the kernel keeps it, in MB. */
  apiMemoryMb(): Promise<number>;
  startWorker(): Promise<ServiceProcess>;
  close(): Promise<void>;
}

/** One that has a dataset. */
export interface RunningService extends EmptyService {
  /** MNIST. */
  readonly datasetId: string;
}

export const ACTOR = { teamId: DEFAULT_TEAM_ID, owner: 'local' };

/** Of this file's kind: JavaScript in a build, TypeScript where tests run the sources. */
const entryOf = (name: string) =>
  path.join(import.meta.dirname, `../../apps/${name}/src/main${path.extname(import.meta.filename)}`);
const BYTES_PER_KIBIBYTE = 1024;

export function startService(backend: Backend): Promise<RunningService> {
  return closedWhenFailed(async (closing, close) => {
    const ready = await prepared(backend, closing);
    const datasetId = await registered(ready.start, ready.headers);
    return { backend, ...(await serving(ready)), datasetId, close };
  });
}

export function startEmptyService(backend: Backend): Promise<EmptyService> {
  return closedWhenFailed(async (closing, close) => ({
    ...{ backend, ...(await serving(await prepared(backend, closing))), close },
  }));
}

type Closing = (() => Promise<unknown>)[];

/** Closes what was opened, the last first, also when opening fails half way. */
async function closedWhenFailed<Opened>(
  open: (closing: Closing, close: () => Promise<void>) => Promise<Opened>,
): Promise<Opened> {
  const closing: Closing = [];
  const close = async () => {
    for (const step of closing.reverse().splice(0)) await step();
  };
  try {
    return await open(closing, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** All that the API runs on. */
async function prepared(backend: Backend, closing: Closing) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'isochron-service-'));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  const server = await startEmbeddedPostgres({ folder: path.join(folder, 'database') });
  closing.push(() => server.stop());
  await deployMigrations(server.url);
  const redis = backend === 'redis' ? await startRedis(folder) : undefined;
  closing.push(async () => redis?.stop());
  const artifactsUrl = path.join(folder, 'artifacts');
  await mkdir(artifactsUrl, { recursive: true });
  const where = { databaseUrl: server.url, redisUrl: redis?.url, artifactsUrl };
  const storage = await openStorage({ ...where, onError: () => {} });
  closing.push(() => storage.close());
  // Made before the API starts, which makes a first one otherwise.
  const { key } = await wireService(storage).apiKeys.create(ACTOR, { name: ACTOR.owner, role: 'admin' });
  const headers = { authorization: `Bearer ${key}` };
  const start: StartProcess = async (name) => {
    const started = await startProcess(name, folder, where);
    closing.push(() => started.stop());
    return started;
  };
  return { where, storage, headers, start };
}

async function serving({ where, storage, headers, start }: Awaited<ReturnType<typeof prepared>>) {
  const api = await start('api');
  return {
    ...{ ...where, url: api.url!, headers, storage },
    apiMemoryMb: () => peakMemoryMb(api.pid),
    startWorker: () => start('worker'),
  };
}

type StartProcess = (name: 'api' | 'worker') => Promise<ServiceProcess>;

/** Registers the dataset with an API that is gone before anything is measured: reading it takes memory. */
async function registered(start: StartProcess, headers: Readonly<Record<string, string>>): Promise<string> {
  const api = await start('api');
  try {
    return await addDataset({ url: api.url!, headers });
  } finally {
    await api.stop();
  }
}

interface Where {
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
  readonly artifactsUrl: string;
}

/** As `npm start` has it, with the log that it has by default. */
async function startProcess(name: 'api' | 'worker', folder: string, where: Where): Promise<ServiceProcess> {
  const memory = memoryOptionsOf(name);
  const log = await open(path.join(folder, `${name}.log`), 'a');
  try {
    return await spawnService({
      ...{ name, entry: entryOf(name), stdout: 'ignore', stderr: log.fd },
      nodeArgs: memory.nodeArgs,
      env: {
        ...memory.env,
        ...{ DATABASE_URL: where.databaseUrl, REDIS_URL: where.redisUrl, ARTIFACTS_URL: where.artifactsUrl },
        ...{ DATA_DIR: path.join(folder, name), PORT: '0', HOST: undefined, LOG_LEVEL: undefined },
        // Requests are counted, but one client stands for many.
        RATE_LIMIT_PER_MINUTE: '1000000000',
      },
    });
  } finally {
    await log.close();
  }
}

async function peakMemoryMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
  if (kibibytes === undefined) throw new Error(`the kernel does not tell the memory of process ${pid}`);
  return (Number(kibibytes) * BYTES_PER_KIBIBYTE) / 1e6;
}
