import { within } from './within.js';

const never = () => new Promise<never>(() => {});

test('gives what comes in time, and passes its error on', async () => {
  expect(await within(60_000, 'it', Promise.resolve(1))).toBe(1);
  await expect(within(60_000, 'it', Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});

test('what comes too late is an error that names it, of the kind that the caller chooses', async () => {
  await expect(within(1, 'the disk', never())).rejects.toThrow('the disk: no answer within 1 ms');
  const late = within(1, 'the disk', never(), (message) => new RangeError(message));
  await expect(late).rejects.toThrow(new RangeError('the disk: no answer within 1 ms'));
});
