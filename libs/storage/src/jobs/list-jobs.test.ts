import type { Job, JobState, ListJobs } from '#contracts';
import { submission } from '#jobs';
import { aDataset, aJob, aJobRequest, testStorage, type TestStorage } from '#testkit';

let kept: TestStorage;
let jobs: Job[];
const STATES: readonly JobState[] = ['queued', 'failed', 'succeeded'];
const at = (second: number) => new Date(Date.UTC(2030, 0, 1, 0, 0, second));

beforeAll(async () => {
  kept = await testStorage();
  const dataset = aDataset(kept.actor);
  await kept.storage.datasets.create(dataset);
  // Two of a second, so that their ids have to order them.
  jobs = Array.from({ length: 24 }, (_, place) => {
    const labels = { team: place % 2 === 0 ? 'vision' : 'audio', [`odd "name"`]: String(place % 3) };
    const createdAt = at(Math.floor(place / 2)).toISOString();
    return aJob(kept.actor, {
      ...{ createdAt, updatedAt: createdAt, state: STATES[place % 3]!, owner: `owner-${place % 4}` },
      ...{ model: `model-${place % 5}`, spec: aJobRequest({ datasetId: dataset.id, labels }) },
    });
  });
  await Promise.all(jobs.map((job) => kept.storage.jobs.create(submission(job))));
});
afterAll(() => kept.close());

/** Newest first, all pages of so many. */
async function listed(query: Omit<ListJobs, 'limit'>, limit = 5): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await kept.storage.jobs.list(kept.actor, { ...query, limit, cursor });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
    if (cursor === undefined) return ids;
  }
}

const expected = (matches: (job: Job) => boolean): string[] =>
  jobs
    .filter(matches)
    .sort((a, b) => (a.createdAt + a.id < b.createdAt + b.id ? 1 : -1))
    .map(({ id }) => id);

describe('a list of jobs', () => {
  test('goes on behind a cursor without a gap, also between two of the same time', async () => {
    expect(await listed({}, 3)).toEqual(expected(() => true));
  });

  test.each<[string, Omit<ListJobs, 'limit'>, (job: Job) => boolean]>([
    ['a label', { label: [{ key: 'team', value: 'audio' }] }, ({ spec }) => spec.labels['team'] === 'audio'],
    [
      'two labels',
      {
        label: [
          { key: 'team', value: 'audio' },
          { key: 'odd "name"', value: '1' },
        ],
      },
      ({ spec }) => spec.labels['team'] === 'audio' && spec.labels['odd "name"'] === '1',
    ],
    [
      'a label with two values',
      { label: ['audio', 'vision'].map((value) => ({ key: 'team', value })) },
      () => false,
    ],
    ['a label that no job has', { label: [{ key: 'team', value: 'nobody' }] }, () => false],
    [
      'labels and all others',
      {
        ...{ label: [{ key: 'team', value: 'vision' }], state: ['queued', 'failed'], owner: 'owner-2' },
        ...{ createdFrom: at(1), createdBefore: at(11) },
      },
      ({ spec, state, owner, createdAt }) =>
        spec.labels['team'] === 'vision' &&
        state !== 'succeeded' &&
        owner === 'owner-2' &&
        new Date(createdAt) >= at(1) &&
        new Date(createdAt) < at(11),
    ],
    [
      'label and model',
      { label: [{ key: 'team', value: 'vision' }], model: 'model-2' },
      ({ spec, model }) => spec.labels['team'] === 'vision' && model === 'model-2',
    ],
    ['owner', { owner: 'owner-3' }, ({ owner }) => owner === 'owner-3'],
  ])('has the jobs of %s alone, over all pages', async (_, query, matches) => {
    expect(await listed(query)).toEqual(expected(matches));
    expect(await listed(query, 1)).toEqual(expected(matches));
  });

  test('by labels shows nobody the jobs of another team, and refuses a cursor that is none', async () => {
    const label = [{ key: 'team', value: 'audio' }];
    expect(await kept.storage.jobs.list(kept.stranger, { limit: 5, label })).toEqual({ items: [] });
    const refused = kept.storage.jobs.list(kept.actor, { limit: 5, label, cursor: 'x' });
    await expect(refused).rejects.toMatchObject({ code: 'invalid_request' });
  });
});
