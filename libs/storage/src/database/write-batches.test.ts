import { AppError } from '#contracts';
import { waitUntil } from '#testkit';
import { WriteBatches } from './write-batches.js';

/** Batches whose writes end when a test says so. */
function heldBatches(options: { maxItems?: number; atOnce?: number } = {}) {
  const written: (readonly string[])[] = [];
  const held: { items: readonly string[]; end(error?: Error): void }[] = [];
  const write = (items: readonly string[]) =>
    new Promise<void>((resolve, reject) => {
      const end = (error?: Error) => {
        if (error !== undefined) return reject(error);
        written.push(items);
        resolve();
      };
      held.push({ items, end });
    });
  const batches = new WriteBatches<string>({ write, maxItems: 3, atOnce: 1, ...options });
  const begun = async (count: number) => {
    await waitUntil(`${count} writes`, () => held.length === count);
    return held[count - 1]!;
  };
  return { batches, begun, written, held };
}

describe('batches of writes', () => {
  it('write together what comes while a write is under way, in order and no more than allowed', async () => {
    const { batches, begun, written } = heldBatches();
    const first = batches.add('a');
    const write = await begun(1);
    const rest = ['b', 'c', 'd', 'e'].map((item) => batches.add(item));
    write.end();
    await first;
    (await begun(2)).end();
    (await begun(3)).end();
    await Promise.all(rest);
    expect(written).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
  });

  it('are written beside each other, as many as allowed', async () => {
    const { batches, begun, held } = heldBatches({ maxItems: 1, atOnce: 2 });
    const all = ['a', 'b', 'c'].map((item) => batches.add(item));
    await begun(2);
    expect(held.map(({ items }) => items)).toEqual([['a'], ['b']]);
    held[1]!.end();
    await all[1];
    await begun(3);
    held[0]!.end();
    held[2]!.end();
    await Promise.all(all);
  });

  it('keep back nothing but the item that cannot be written', async () => {
    const written: string[] = [];
    const write = (items: readonly string[]) => {
      if (items.includes('bad')) return Promise.reject(new Error('refused'));
      written.push(...items);
      return Promise.resolve();
    };
    const batches = new WriteBatches<string>({ write, maxItems: 10, atOnce: 1 });
    const results = await Promise.allSettled(['a', 'bad', 'b'].map((item) => batches.add(item)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(written).toEqual(['a', 'b']);
  });

  it('fail as one, and are not tried again, while nothing can be written', async () => {
    const { batches, begun, held } = heldBatches();
    const all = Promise.allSettled(['a', 'b'].map((item) => batches.add(item)));
    (await begun(1)).end(new AppError('unavailable', 'the database does not answer'));
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(held).toHaveLength(1);
  });
});
