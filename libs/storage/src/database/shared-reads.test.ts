import { waitUntil } from '#testkit';
import { SharedReads } from './shared-reads.js';

/** Reads that end when a test says so, with what is there when they begin. */
function heldReads() {
  const reads = new SharedReads();
  const stored = { value: 'old' };
  const begun: (() => void)[] = [];
  const read = (key = 'a') =>
    reads.read(key, () => {
      const { value } = stored;
      return new Promise<string>((resolve) => begun.push(() => resolve(value)));
    });
  const hasBegun = (count: number) => waitUntil(`${count} reads`, () => begun.length === count);
  return { read, begun, hasBegun, stored, reads };
}

describe('shared reads', () => {
  it('read once for all who ask in the same turn', async () => {
    const { read, begun, hasBegun } = heldReads();
    const all = Promise.all([read(), read(), read()]);
    await hasBegun(1);
    begun[0]!();
    expect(await all).toEqual(['old', 'old', 'old']);
    expect(begun).toHaveLength(1);
  });

  it('read again for those who ask once a read has begun: they get what was written before they asked', async () => {
    const { read, begun, hasBegun, stored } = heldReads();
    const first = read();
    await hasBegun(1);
    stored.value = 'new';
    const later = [read(), read()];
    begun[0]!();
    expect(await first).toBe('old');
    await hasBegun(2);
    begun[1]!();
    expect(await Promise.all(later)).toEqual(['new', 'new']);
    expect(begun).toHaveLength(2);
  });

  it('keep what has another key apart, and forget what has ended', async () => {
    const { read, begun, hasBegun } = heldReads();
    const both = [read('a'), read('b')];
    await hasBegun(2);
    begun.forEach((end) => end());
    await Promise.all(both);
    const again = read('a');
    await hasBegun(3);
    begun[2]!();
    await again;
  });

  it('tell an error to all who shared the read, and read again for who comes after', async () => {
    const { reads } = heldReads();
    let tries = 0;
    const read = () =>
      reads.read('a', () => (tries++ === 0 ? Promise.reject(new Error('away')) : Promise.resolve('there')));
    const results = await Promise.allSettled([read(), read()]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await read()).toBe('there');
  });
});
