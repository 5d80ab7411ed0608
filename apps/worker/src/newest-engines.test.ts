import type { Availability } from '#engine';
import { knownEngines, newestEngines } from './known-engines.js';

const listOf = (provider: string): Availability[] => [{ executor: 'onnxruntime', provider, available: true }];

/** A machine whose engines a test changes; a probe ends when the test says so. */
function aMachine() {
  const state = { provider: 'cpu', nowMs: 0 };
  const probes: { end: () => void; fail: () => void }[] = [];
  const known = knownEngines(
    () =>
      new Promise((resolve, reject) =>
        probes.push({ end: () => resolve(listOf(state.provider)), fail: () => reject(new Error('crashed')) }),
      ),
    () => state.nowMs,
  );
  return { state, probes, newest: newestEngines(known), known };
}

test('waits for the first answer, and for no later one', async () => {
  const { state, probes, newest } = aMachine();
  const first = newest();
  probes[0]!.end();
  expect(await first).toEqual(listOf('cpu'));
  Object.assign(state, { provider: 'cuda', nowMs: 3_600_000 });
  expect(await newest()).toEqual(listOf('cpu'));
  probes[1]!.end();
  expect(await newest()).toEqual(listOf('cuda'));
});

test('gives at once what another one has asked the machine for', async () => {
  const { state, probes, newest, known } = aMachine();
  const first = newest();
  probes[0]!.end();
  await first;
  Object.assign(state, { provider: 'cuda', nowMs: 5_000 });
  const asked = known(1_000);
  probes[1]!.end();
  await asked;
  expect(await newest()).toEqual(listOf('cuda'));
});

test('goes on with what it has while a probe fails', async () => {
  const { state, probes, newest } = aMachine();
  const first = newest();
  probes[0]!.end();
  await first;
  state.nowMs = 3_600_000;
  const second = newest();
  probes[1]!.fail();
  expect(await second).toEqual(listOf('cpu'));
});
