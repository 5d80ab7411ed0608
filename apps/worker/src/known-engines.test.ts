import type { Availability } from '#engine';
import { knownEngines } from './known-engines.js';

const MINUTE_MS = 60_000;
const cuda = (available: boolean): Availability => ({ executor: 'onnxruntime', provider: 'cuda', available });

/** A machine whose probes find what `answers` say, one after the other. */
function machine(...answers: (boolean | Error)[]) {
  const clock = { ms: 0 };
  const known = knownEngines(
    () => {
      const answer = answers.shift()!;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve([cuda(answer)]);
    },
    () => clock.ms,
  );
  return { clock, left: answers, ask: async (maxAgeMs?: number) => (await known(maxAgeMs))[0]!.available };
}

test('an answer holds for ten minutes', async () => {
  const { clock, ask } = machine(false, true);
  expect(await ask()).toBe(false);
  clock.ms = 10 * MINUTE_MS;
  expect(await ask()).toBe(false);
  clock.ms += 1;
  expect(await ask()).toBe(true);
});

test('who needs a younger one gets it, and so does everybody after', async () => {
  const { clock, ask } = machine(false, true);
  await ask();
  clock.ms = 2000;
  expect(await ask(1000)).toBe(true);
  expect(await ask()).toBe(true);
});

test('all who ask at once share one probe', async () => {
  const { ask, left } = machine(true, false);
  expect(await Promise.all([ask(), ask(), ask(0)])).toEqual([true, true, true]);
  expect(left).toEqual([false]);
});

test('a probe that fails is not what is known from then on', async () => {
  const { ask } = machine(new Error('EMFILE'), true);
  await expect(ask()).rejects.toThrow('EMFILE');
  expect(await ask()).toBe(true);
});
