import { freeAtOnce } from './free-at-once.js';

const MIB = 2 ** 20;

test('memory goes back to the system at once', () => {
  const size = 64 * MIB;
  const before = process.memoryUsage.rss();
  for (let i = 0; i < 10; i++) {
    const memory = new Uint8Array(size).fill(1);
    expect(process.memoryUsage.rss() - before).toBeGreaterThan(size / 2);
    freeAtOnce(memory.buffer);
    expect(memory).toHaveLength(0);
    expect(process.memoryUsage.rss() - before).toBeLessThan(size / 2);
  }
});
