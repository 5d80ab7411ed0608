import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { commandOf, identify, stillRuns } from './process-identity.js';

test('a process is recognised while it runs, and not afterwards', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const identity = identify(child.pid!)!;
  expect(stillRuns(identity)).toBe(true);
  expect(commandOf(child.pid!)).toContain('process.stdin.resume()');
  const exited = once(child, 'exit');
  child.stdin.end();
  await exited;
  expect(stillRuns(identity)).toBe(false);
  expect(identify(child.pid!)).toBeUndefined();
  expect(commandOf(child.pid!)).toBeUndefined();
});

test('another process with the same id is another process', () => {
  expect(stillRuns({ pid: process.pid, startedAt: 'an earlier boot' })).toBe(false);
});
