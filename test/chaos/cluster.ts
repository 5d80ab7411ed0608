import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { freePort } from '#runtime';
import { deployMigrations } from '#storage';
import { ApiClient } from './api-client.js';
import { Member } from './member.js';
import { markedProcesses, trainingProcesses, type MarkedProcess } from './run-processes.js';
import { crashingPostgres, crashingRedis, type CrashingServer } from './servers.js';

export interface ClusterOptions {
  readonly folder: string;
  readonly queue: 'redis' | 'postgres';
  readonly workers: number;
}

/** A cluster of processes on this machine, each behind a network of its own. */
export interface Cluster {
  readonly client: ApiClient;
  readonly members: readonly Member[];
  readonly servers: readonly CrashingServer[];
  /** What trains now. */
  trainings(): MarkedProcess[];
  /** Stops all of it; resolves with the processes that are left. */
  stop(): Promise<MarkedProcess[]>;
}

export async function startCluster({ folder, queue, workers }: ClusterOptions): Promise<Cluster> {
  const marker = `ISOCHRON_CHAOS=${randomUUID()}`;
  const [variable, value] = marker.split('=') as [string, string];
  const env = { [variable]: value };
  const database = await crashingPostgres(path.join(folder, 'postgres'));
  await deployMigrations(database.urlAt(database.port()));
  const redis = queue === 'redis' ? await crashingRedis() : undefined;
  const shared = { database, redis, env, artifactsUrl: path.join(folder, 'artifacts') };
  const member = (kind: 'api' | 'worker', name: string, port?: number) => {
    const log = fs.openSync(path.join(folder, `${name}.log`), 'a');
    return Member.start({ kind, name, log, dataDir: path.join(folder, name), ...shared }, port);
  };
  const port = await freePort();
  const members = [await member('api', 'api', port)];
  for (let i = 1; i <= workers; i++) members.push(await member('worker', `worker-${i}`));
  const servers: CrashingServer[] = redis === undefined ? [database] : [database, redis];
  return {
    client: new ApiClient(`http://127.0.0.1:${port}`, () => authorization(folder)),
    members,
    servers,
    trainings: () => trainingProcesses(marker),
    stop: async () => {
      await Promise.all(members.map((each) => each.stop()));
      const left = markedProcesses(marker);
      for (const server of servers) await server.stop();
      return left;
    },
  };
}

/** The key that the first API printed for whoever administers the cluster. */
function authorization(folder: string): Record<string, string> {
  const printed = fs.readFileSync(path.join(folder, 'api.log'), 'utf8');
  const [, key] = /shown this once: (iso_\S+)/.exec(printed) ?? [];
  return key === undefined ? {} : { authorization: `Bearer ${key}` };
}
