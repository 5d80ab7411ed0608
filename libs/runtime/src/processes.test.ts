import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { freePort, isProcessAlive } from './processes.js';

test('a free port can be listened on', async () => {
  const port = await freePort();
  const server = net.createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
});

test('a process is alive until it ended', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  expect(isProcessAlive(child.pid!)).toBe(true);
  const exited = once(child, 'exit');
  child.stdin.end();
  await exited;
  expect(isProcessAlive(child.pid!)).toBe(false);
});

test("another user's process is alive", () => {
  expect(isProcessAlive(1)).toBe(true);
});
