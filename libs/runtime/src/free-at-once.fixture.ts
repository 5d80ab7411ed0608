/** A process that takes memory and gives it back ten times, and prints how much it had each time, taken and given back, in MiB. */
import { freeAtOnce } from './free-at-once.js';

const MIB = 2 ** 20;
const held = () => (process.memoryUsage.rss() - before) / MIB;
const before = process.memoryUsage.rss();
const times: (readonly [taken: number, given: number])[] = [];
for (let i = 0; i < 10; i++) {
  const memory = new Uint8Array(64 * MIB).fill(1);
  const taken = held();
  freeAtOnce(memory.buffer);
  if (memory.length !== 0) throw new Error('the buffer is still there');
  times.push([taken, held()]);
}
process.stdout.write(JSON.stringify(times));
