import { randomUUID } from 'node:crypto';
import { CreateSweep, newAudit, type ListSweeps, type SweepState } from '#contracts';
import type { SweepRecord } from '#jobs';
import { aJobRequest, testStorage, type TestStorage } from '#testkit';

let kept: TestStorage;
let sweeps: SweepRecord[];
const STATES: readonly SweepState[] = ['running', 'failed', 'succeeded'];
const at = (second: number) => new Date(Date.UTC(2030, 0, 1, 0, 0, second));

beforeAll(async () => {
  kept = await testStorage();
  const { network } = aJobRequest();
  // Two of a second, so that their ids have to order them.
  sweeps = Array.from({ length: 24 }, (_, place) => {
    const labels = { team: place % 2 === 0 ? 'vision' : 'audio', [`odd "name"`]: String(place % 3) };
    const base = { model: `model-${place % 5}`, network, datasetId: randomUUID(), ratios: [0] };
    const owner = `owner-${place % 4}`;
    return {
      ...newAudit({ ...kept.actor, owner }, randomUUID(), at(Math.floor(place / 2))),
      spec: CreateSweep.parse({ base, axes: { seeds: [1] }, labels }),
      ...{ state: STATES[place % 3]!, members: [] },
    };
  });
  for (const sweep of sweeps) await kept.storage.sweeps.create({ sweep, jobs: [], events: [] });
});
afterAll(() => kept.close());

/** Newest first, all pages of so many. */
async function listed(query: Omit<ListSweeps, 'limit'>, limit: number): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await kept.storage.sweeps.list(kept.actor, { ...query, limit, cursor });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    ids.push(...page.items.map(({ sweep }) => sweep.id));
    cursor = page.nextCursor;
    if (cursor === undefined) return ids;
  }
}

const expected = (matches: (sweep: SweepRecord) => boolean): string[] =>
  sweeps
    .filter(matches)
    .sort((a, b) => (a.createdAt + a.id < b.createdAt + b.id ? 1 : -1))
    .map(({ id }) => id);

test.each<[string, Omit<ListSweeps, 'limit'>, (sweep: SweepRecord) => boolean]>([
  ['any kind', {}, () => true],
  ['a label', { label: [{ key: 'team', value: 'audio' }] }, ({ spec }) => spec.labels['team'] === 'audio'],
  [
    'a label with two values',
    { label: ['audio', 'vision'].map((value) => ({ key: 'team', value })) },
    () => false,
  ],
  ['an owner', { owner: 'owner-3' }, ({ owner }) => owner === 'owner-3'],
  ['a model', { model: 'model-2' }, ({ spec }) => spec.base.model === 'model-2'],
  ['two states', { state: ['running', 'failed'] }, ({ state }) => state !== 'succeeded'],
  [
    'a time',
    { createdFrom: at(2), createdBefore: at(5) },
    ({ createdAt }) => new Date(createdAt) >= at(2) && new Date(createdAt) < at(5),
  ],
  [
    'two labels, and all others',
    {
      label: [
        { key: 'team', value: 'vision' },
        { key: 'odd "name"', value: '0' },
      ],
      ...{ state: ['running'], owner: 'owner-2', model: 'model-3' },
      ...{ createdFrom: at(1), createdBefore: at(11) },
    },
    ({ spec, state, owner, createdAt }) =>
      spec.labels['team'] === 'vision' &&
      spec.labels['odd "name"'] === '0' &&
      spec.base.model === 'model-3' &&
      state === 'running' &&
      owner === 'owner-2' &&
      new Date(createdAt) >= at(1) &&
      new Date(createdAt) < at(11),
  ],
])('a list has the sweeps of %s alone, over all pages', async (_, query, matches) => {
  expect(await listed(query, 5)).toEqual(expected(matches));
  expect(await listed(query, 1)).toEqual(expected(matches));
});

test('a list by labels shows nobody the sweeps of another team, and refuses a cursor that is none', async () => {
  const label = [{ key: 'team', value: 'audio' }];
  expect(await kept.storage.sweeps.list(kept.stranger, { limit: 5, label })).toEqual({ items: [] });
  const refused = kept.storage.sweeps.list(kept.actor, { limit: 5, label, cursor: 'x' });
  await expect(refused).rejects.toMatchObject({ code: 'invalid_request' });
});
