import { execFileSync, spawn } from 'node:child_process';
import { createConnection } from 'node:net';
import { freePort } from '#runtime';
import { temporaryFolder } from '../temporary-folder.js';
import { waitUntil } from '../wait-until.js';

export interface TestRedis {
  readonly url: string;
  /** Ends the server as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port and files. */
  revive(): Promise<void>;
  /** Stops the server and removes its files. */
  stop(): Promise<void>;
}

/** Whether redis-server is installed; says so once, visibly, where it is not. */
export function hasRedisServer(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write(
      'redis-server is not installed: tests on Redis are SKIPPED (apt-get install redis-server)\n',
    );
    return false;
  }
}

/** A real redis-server of one's own with append-only files, as production has it. */
export async function testRedis(): Promise<TestRedis> {
  const folder = await temporaryFolder('redis');
  const port = await freePort();
  let server = await start(port, folder.path);
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: () => server.end('SIGKILL'),
    revive: async () => {
      server = await start(port, folder.path);
    },
    stop: async () => {
      await server.end('SIGTERM');
      await folder.remove();
    },
  };
}

async function start(port: number, folder: string): Promise<{ end(signal: NodeJS.Signals): Promise<void> }> {
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const durable = ['--appendonly', 'yes', '--maxmemory-policy', 'noeviction'];
  const child = spawn('redis-server', [...options, ...durable], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await waitUntil('redis-server listens', () => listens(port));
  return {
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true)).once('error', () => settle(false));
  });
}
