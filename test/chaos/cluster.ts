import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { freePort } from '#runtime';
import { deployMigrations } from '#storage';
import { processesWith, type RunningProcess } from '#testkit';
import { ApiClient } from './api-client.js';
import { Member } from './member.js';
import type { Network, Networks } from './networks/network.js';
import { crashingPostgres, crashingRedis, type CrashingServer } from './servers.js';

export interface ClusterOptions {
  readonly folder: string;
  readonly queue: 'redis' | 'postgres';
  readonly workers: number;
  readonly networks: Networks;
}

/** A cluster of processes on this machine, each behind a network of its own. */
export interface Cluster {
  readonly client: ApiClient;
  readonly members: readonly Member[];
  readonly servers: readonly CrashingServer[];
  /** What trains now. */
  trainings(): RunningProcess[];
  /** Stops all of it; resolves with the processes that are left. */
  stop(): Promise<RunningProcess[]>;
}

export async function startCluster({ folder, queue, workers, networks }: ClusterOptions): Promise<Cluster> {
  const marker = `ISOCHRON_CHAOS=${randomUUID()}`;
  const [variable, value] = marker.split('=') as [string, string];
  const env = { [variable]: value };
  const database = await crashingPostgres(path.join(folder, 'postgres'));
  await deployMigrations(database.urlAt());
  const redis = queue === 'redis' ? await crashingRedis() : undefined;
  const shared = { database, redis, env, artifactsUrl: path.join(folder, 'artifacts') };
  const member = async (kind: 'api' | 'worker', name: string, network: Network, port?: number) => {
    const log = fs.openSync(path.join(folder, `${name}.log`), 'a');
    return Member.start({ kind, name, network, log, dataDir: path.join(folder, name), ...shared }, port);
  };
  const port = await freePort();
  const apiNetwork = await networks.open();
  const members = [await member('api', 'api', apiNetwork, port)];
  for (let i = 1; i <= workers; i++)
    members.push(await member('worker', `worker-${i}`, await networks.open()));
  const servers: CrashingServer[] = redis === undefined ? [database] : [database, redis];
  return {
    client: new ApiClient(`http://${apiNetwork.address}:${port}`, () => authorization(folder)),
    members,
    servers,
    trainings: () => processesWith(marker).filter(({ command }) => command.includes('training.child')),
    stop: async () => {
      await Promise.all(members.map((each) => each.stop()));
      const left = processesWith(marker);
      for (const server of servers) await server.stop();
      await networks.close();
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
