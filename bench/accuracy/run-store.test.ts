import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '#testkit';
import { madeUpRun } from './accuracy-runs.fixture.js';
import { RunStore, type RunIdentity } from './run-store.js';

const identity: RunIdentity = {
  method: 'independent',
  seed: 3,
  settings: { epochs: 2, network: { depth: 8, widthMultiplier: 1 } },
};
const run = madeUpRun('independent', 3, [90, 88]);
const said: string[] = [];
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let store: RunStore;

beforeEach(async () => {
  folder = await temporaryFolder();
  said.length = 0;
  store = new RunStore(path.join(folder.path, 'runs'), (text) => said.push(text));
});
afterEach(() => folder.remove());

describe('a store of runs', () => {
  it('gives a run back to whoever asks for the same, in whatever order it was written', async () => {
    await store.save(identity, run);
    const settings = { network: { widthMultiplier: 1, depth: 8 }, epochs: 2 };
    expect(await store.find({ seed: 3, settings, method: 'independent' })).toEqual(run);
  });

  it.each([
    ['seed', { seed: 4 }],
    ['method', { method: 'all-in-one' as const }],
    ['setting', { settings: { ...identity.settings, network: { depth: 8, widthMultiplier: 0.5 } } }],
  ])('does not give it for another %s', async (_what, change) => {
    await store.save(identity, run);
    expect(await store.find({ ...identity, ...change })).toBeUndefined();
    expect(said).toEqual([]);
  });

  it.each([
    ['that is no JSON', '{"settings": {}, "run": {"me'],
    ['whose run lacks something', JSON.stringify({ settings: {}, run: { ...run, ratios: undefined } })],
    ['that holds another run', JSON.stringify({ settings: {}, run: { ...run, seed: 9 } })],
  ])('says so of a file %s, and takes the run that is made again', async (_what, text) => {
    await store.save(identity, run);
    const [name] = await readdir(path.join(folder.path, 'runs'));
    await writeFile(path.join(folder.path, 'runs', name!), text);
    expect(await store.find(identity)).toBeUndefined();
    expect(said).toEqual([expect.stringMatching(/independent-seed-3-.*\.json is damaged/)]);
    await store.save(identity, run);
    expect(await store.find(identity)).toEqual(run);
  });
});
