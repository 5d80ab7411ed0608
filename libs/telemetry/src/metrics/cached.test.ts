import { cached } from './cached.js';

test('loads once for those that come together, and again when it is no longer fresh', async () => {
  let loads = 0;
  let nowMs = 0;
  const read = cached(
    () => Promise.resolve(++loads),
    1000,
    () => nowMs,
  );
  expect(await Promise.all([read(), read()])).toEqual([1, 1]);
  nowMs = 999;
  expect(await read()).toBe(1);
  nowMs = 1000;
  expect(await read()).toBe(2);
});

test('does not keep a failure', async () => {
  let fails = true;
  const read = cached(() => (fails ? Promise.reject(new Error('away')) : Promise.resolve('here')), 1000);
  await expect(Promise.all([read(), read()])).rejects.toThrow('away');
  fails = false;
  expect(await read()).toBe('here');
});
