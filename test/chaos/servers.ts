import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnService, type RunningService } from '#runtime';
import { testRedis, TYPESCRIPT_NODE_OPTIONS } from '#testkit';
import type { Endpoint } from './networks/network.js';

/** A database or a queue that can be killed and comes back with all that it acknowledged. */
export interface CrashingServer {
  readonly name: string;
  /** Where it listens now. */
  port(): number;
  /** Ends it as a crash would, and starts it again. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

export interface CrashingDatabase extends CrashingServer {
  /** To connect with, through another endpoint; by default the server's own. */
  urlAt(endpoint?: Endpoint): string;
}

const HOST = fileURLToPath(new URL('postgres.host.ts', import.meta.url));

export async function crashingPostgres(folder: string): Promise<CrashingDatabase> {
  const start = async () => {
    const env = { NODE_OPTIONS: TYPESCRIPT_NODE_OPTIONS };
    const host = await spawnService({ name: 'postgres', entry: HOST, args: [folder], env });
    const [pid, url] = host.url!.split(' ') as [string, string];
    return { host, pid: Number(pid), url: new URL(url) };
  };
  let running = await start();
  return {
    name: 'PostgreSQL',
    port: () => Number(running.url.port),
    crash: async () => {
      const { host, pid } = running;
      process.kill(pid, 'SIGKILL');
      process.kill(host.pid, 'SIGKILL');
      await host.exited;
      running = await start();
    },
    stop: async () => {
      await (running.host satisfies RunningService).stop();
    },
    urlAt: (endpoint) => {
      const url = new URL(running.url);
      if (endpoint !== undefined) url.host = `${endpoint.host}:${endpoint.port}`;
      return url.href;
    },
  };
}

export async function crashingRedis(): Promise<CrashingServer> {
  const redis = await testRedis();
  return {
    name: 'Redis',
    port: () => Number(new URL(redis.url).port),
    crash: async () => {
      await redis.kill();
      await redis.revive();
    },
    stop: () => redis.stop(),
  };
}

export const ROOT = path.resolve(import.meta.dirname, '../..');
