import { freeAtOnce, freeChunk } from './free-at-once.js';

const MIB = 2 ** 20;

test('memory goes back to the system at once', () => {
  const size = 64 * MIB;
  for (let i = 0; i < 10; i++) {
    const memory = new Uint8Array(size).fill(1);
    const before = process.memoryUsage.rss();
    freeAtOnce(memory.buffer);
    expect(memory).toHaveLength(0);
    expect(process.memoryUsage.rss()).toBeLessThan(before - size / 2);
  }
});

test('a chunk that has its memory for itself is freed, and one that shares it is left alone', () => {
  const own = Buffer.allocUnsafeSlow(1000);
  const shared = Buffer.from('small Buffers share a pool');
  const part = new Uint8Array(100).subarray(10);
  for (const chunk of [own, shared, part]) freeChunk(chunk);
  expect([own.length, shared.toString(), part.length]).toEqual([0, 'small Buffers share a pool', 90]);
});
