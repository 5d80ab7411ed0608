import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { TYPESCRIPT_NODE_OPTIONS } from '#testkit';
import { childEnvironment } from './config.js';
import { freeChunk } from './chunk-memory.js';

/** In a process of its own: nothing else of it takes memory, or gives any back. */
test('memory goes back to the system at once', () => {
  const fixture = join(import.meta.dirname, 'free-at-once.fixture.ts');
  const env = childEnvironment({ NODE_OPTIONS: TYPESCRIPT_NODE_OPTIONS });
  const printed = execFileSync(process.execPath, [fixture], { encoding: 'utf8', env });
  const times = JSON.parse(printed) as [taken: number, given: number][];
  expect(times).toHaveLength(10);
  for (const [taken, given] of times) expect(taken - given).toBeGreaterThan(48);
});

test('a chunk that has its memory for itself is freed, and one that shares it is left alone', () => {
  const own = Buffer.allocUnsafeSlow(1000);
  const shared = Buffer.from('small Buffers share a pool');
  const part = new Uint8Array(100).subarray(10);
  for (const chunk of [own, shared, part]) freeChunk(chunk);
  expect([own.length, shared.toString(), part.length]).toEqual([0, 'small Buffers share a pool', 90]);
});
