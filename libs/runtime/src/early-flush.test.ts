import { EarlyFlush } from './early-flush.js';

const MIB = 2 ** 20;

function aFile() {
  const flushes: { done: () => void; fail: (error: Error) => void }[] = [];
  const datasync = () => new Promise<void>((done, fail) => flushes.push({ done, fail }));
  return { flushes, flush: new EarlyFlush({ datasync }) };
}

test('one flush is under way at a time, for every 16 MiB or more', async () => {
  const { flushes, flush } = aFile();
  for (const [written, expected] of [
    [1, 0],
    [16, 1],
    [40, 1],
  ] as const) {
    flush.written(written * MIB);
    expect(flushes).toHaveLength(expected);
  }
  flushes[0]!.done();
  await flush.finish();
  flush.written(31 * MIB);
  expect(flushes).toHaveLength(1);
  flush.written(40 * MIB);
  expect(flushes).toHaveLength(2);
  let isFinished = false;
  const finishing = flush.finish().then(() => (isFinished = true));
  await new Promise(setImmediate);
  expect(isFinished).toBe(false);
  flushes[1]!.done();
  await finishing;
});

test('a flush that failed is told at the end, and is not tried again', async () => {
  const { flushes, flush } = aFile();
  flush.written(16 * MIB);
  flushes[0]!.fail(new Error('the disk is gone'));
  await new Promise(setImmediate);
  flush.written(64 * MIB);
  expect(flushes).toHaveLength(1);
  await expect(flush.finish()).rejects.toThrow('the disk is gone');
});
