import type { Actor, Model, ModelVersion } from '#contracts';
import { aBundle, aDeployment, aDraftOf, aModel, aModelVersion } from './registry-fixtures.js';
import { publishDraft, type RegistryRepositoriesHarness } from './registry-harness.js';

const DELETED = { deletedAt: '2030-01-02T00:00:00.000Z', deletedBy: 'ada' };

/** What every repository promises of models and versions that people describe, delete and bring. `open` gives empty ones. */
export function modelsConformance(name: string, open: () => Promise<RegistryRepositoriesHarness>): void {
  describe(`${name} as a repository of models`, () => {
    let harness: RegistryRepositoriesHarness;
    beforeEach(async () => void (harness = await open()));
    afterEach(() => harness.close());

    const create = (changes: Partial<Model> = {}) =>
      harness.models.createModel(aModel(harness.actor, changes));
    const upload = async (changes: Partial<ModelVersion> = {}, bundle = aBundle()) => {
      const { actor, models } = harness;
      await harness.haveBundle(actor, bundle);
      const build = (version: number) => {
        const bare = { source: 'upload' as const, training: undefined, version, ...changes };
        return aModelVersion(actor, {}, { ...bare, bundle: { ...bundle, url: '/v1/models/digits' } });
      };
      return models.publish({ model: aModel(actor), digest: bundle.digest, build });
    };
    const place = (version: number) => ({ name: 'digits', version });
    const erase = (version: number) =>
      harness.models.updateVersion(harness.actor, place(version), (before) => ({ ...before, ...DELETED }));
    const eraseModel = () =>
      harness.models.updateModel(harness.actor, 'digits', (before) => ({ ...before, ...DELETED }));

    it('makes a model without a version, one of its name', async () => {
      const { actor, stranger, models } = harness;
      const made = await create({ description: 'text', tags: { task: 'digits' } });
      expect(await models.findModel(actor, 'digits')).toEqual(made);
      expect(made).not.toHaveProperty('latestVersion');
      await expect(create()).rejects.toMatchObject({ code: 'already_exists' });
      expect(await models.findModel(stranger, 'digits')).toBeUndefined();
      await models.createModel(aModel(stranger));
    });

    it('gives a bundle one version of a model, which knows what was said of it', async () => {
      const { actor, models } = harness;
      await create();
      const parent = { model: 'digits', version: 1 };
      const bundle = aBundle();
      const first = await upload({ tags: { a: 'b' }, description: 'mine', lineage: { parent } }, bundle);
      expect(first).toMatchObject({ isNew: true, version: { version: 1, source: 'upload' } });
      expect(await models.findVersion(actor, 'digits', 1)).toEqual(first.version);
      expect(first.version).toMatchObject({ lineage: { parent }, tags: { a: 'b' }, description: 'mine' });
      expect(await upload({}, bundle)).toEqual({ isNew: false, version: first.version });
      expect(await upload()).toMatchObject({ isNew: true, version: { version: 2 } });
    });

    it('gives one bundle that comes several times at once one version', async () => {
      await create();
      const bundle = aBundle();
      const published = await Promise.all([1, 2, 3].map(() => upload({}, bundle)));
      expect(new Set(published.map(({ version }) => version.id)).size).toBe(1);
      expect(published.filter(({ isNew }) => isNew)).toHaveLength(1);
    });

    it('makes no version of a model that is not there, or of a bundle that another team has', async () => {
      const { actor, stranger, models } = harness;
      await expect(upload()).rejects.toMatchObject({ code: 'not_found' });
      await create();
      const theirs = aBundle();
      await harness.haveBundle(stranger, theirs);
      const build = (version: number) => aModelVersion(actor, {}, { version });
      const publishing = models.publish({ model: aModel(actor), digest: theirs.digest, build });
      await expect(publishing).rejects.toMatchObject({ code: 'invalid_request' });
    });

    it('gives a bundle that was just put its one version, without an upload', async () => {
      const { actor, models } = harness;
      const bundle = aBundle();
      const build = (version: number) => {
        const bare = aModelVersion(actor, {}, { version });
        return { ...bare, bundle: { ...bundle, url: bare.bundle.url } };
      };
      const publish = () => models.publishStored({ model: aModel(actor), digest: bundle.digest, build });
      await expect(publish()).rejects.toMatchObject({ code: 'not_found' });
      await create();
      expect(await publish()).toMatchObject({ isNew: true, version: { version: 1 } });
      expect(await publish()).toMatchObject({ isNew: false, version: { version: 1 } });
    });

    it('changes description and tags, one change after the other', async () => {
      const { actor, models } = harness;
      await create();
      await upload();
      const note = (key: string) =>
        models.updateModel(actor, 'digits', (before) => ({
          ...before,
          tags: { ...before.tags, [key]: '1' },
        }));
      await Promise.all(['a', 'b', 'c'].map(note));
      expect((await models.findModel(actor, 'digits'))!.tags).toEqual({ a: '1', b: '1', c: '1' });
      await models.updateVersion(actor, place(1), (before) => ({ ...before, description: 'good' }));
      expect(await models.findVersion(actor, 'digits', 1)).toMatchObject({ description: 'good' });
      const failing = models.updateModel(actor, 'digits', () => {
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
    });

    it('lists models by the beginning of their names and by tags', async () => {
      const { actor, models } = harness;
      await create({ name: 'a_b', tags: { task: 'x', size: 'small' } });
      await create({ name: 'axb', tags: { task: 'x' } });
      const names = async (query: object) =>
        (await models.listModels(actor, { limit: 9, ...query })).items.map((model) => model.name).sort();
      expect(await names({ name: 'a_' })).toEqual(['a_b']);
      expect(await names({ name: 'a' })).toEqual(['a_b', 'axb']);
      expect(await names({ tag: [{ key: 'task', value: 'x' }] })).toEqual(['a_b', 'axb']);
      expect(
        await names({
          tag: [
            { key: 'task', value: 'x' },
            { key: 'size', value: 'small' },
          ],
        }),
      ).toEqual(['a_b']);
      expect(await names({ tag: [{ key: 'size', value: 'large' }] })).toEqual([]);
    });

    it('lists versions, highest first, page by page and by tags', async () => {
      const { actor, stranger, models } = harness;
      await create();
      for (const kind of ['a', 'b', 'a']) await upload({ tags: { kind } });
      const numbers = (items: ModelVersion[]) => items.map(({ version }) => version);
      const first = await models.listVersions(actor, 'digits', { limit: 2 });
      expect(numbers(first.items)).toEqual([3, 2]);
      const rest = await models.listVersions(actor, 'digits', { limit: 2, cursor: first.nextCursor });
      expect(numbers(rest.items)).toEqual([1]);
      expect(rest).not.toHaveProperty('nextCursor');
      const tag = [{ key: 'kind', value: 'a' }];
      expect(numbers((await models.listVersions(actor, 'digits', { limit: 9, tag })).items)).toEqual([3, 1]);
      const unknown = { code: 'not_found' };
      await expect(models.listVersions(stranger, 'digits', { limit: 9 })).rejects.toMatchObject(unknown);
    });

    it('shows a deleted version to who asks for it alone, and knows the newest that is left', async () => {
      const { actor, models } = harness;
      await create();
      await upload();
      await upload();
      const gone = await erase(2);
      expect(gone).toMatchObject(DELETED);
      expect(await models.findVersion(actor, 'digits', 2)).toBeUndefined();
      expect(await models.findLatest(actor, 'digits')).toMatchObject({ version: 1 });
      expect(await models.findLatestOf(actor, ['digits', 'none'])).toMatchObject([{ version: 1 }]);
      expect(await models.findLatestOf(harness.stranger, ['digits'])).toEqual([]);
      expect(await models.findModel(actor, 'digits')).toMatchObject({ latestVersion: 1 });
      expect((await models.listVersions(actor, 'digits', { limit: 9 })).items).toHaveLength(1);
      const all = await models.listVersions(actor, 'digits', { limit: 9, includeDeleted: true });
      expect(all.items[0]).toEqual(gone);
      await models.updateVersion(actor, place(2), ({ deletedAt: _at, deletedBy: _by, ...before }) => before);
      expect(await models.findModel(actor, 'digits')).toMatchObject({ latestVersion: 2 });
    });

    it('shows a deleted model, and what is in it, to who asks for it alone', async () => {
      const { actor, models } = harness;
      await create();
      await upload();
      await eraseModel();
      expect(await models.findModel(actor, 'digits')).toBeUndefined();
      expect(await models.findVersion(actor, 'digits', 1)).toBeUndefined();
      expect(await models.findLatest(actor, 'digits')).toBeUndefined();
      expect(await models.findLatestOf(actor, ['digits'])).toEqual([]);
      expect((await models.listModels(actor, { limit: 9 })).items).toEqual([]);
      const listed = await models.listModels(actor, { limit: 9, includeDeleted: true });
      expect(listed.items).toMatchObject([{ name: 'digits', ...DELETED }]);
      await expect(create()).rejects.toMatchObject({ code: 'already_exists' });
      await expect(upload()).rejects.toMatchObject({ code: 'not_found' });
      await models.updateModel(actor, 'digits', ({ deletedAt: _at, deletedBy: _by, ...before }) => before);
      expect(await models.findVersion(actor, 'digits', 1)).toMatchObject({ version: 1 });
    });

    it('has a bundle that is published again back', async () => {
      const { actor, models } = harness;
      await create();
      const bundle = aBundle();
      await upload({}, bundle);
      await erase(1);
      expect(await upload({}, bundle)).toMatchObject({ isNew: false, version: { version: 1 } });
      expect(await models.findModel(actor, 'digits')).toMatchObject({ latestVersion: 1 });
    });

    it('hides deployments of what is deleted', async () => {
      const { actor, models, products } = harness;
      const deploy = async () => {
        const job = await harness.newJob(actor);
        const measurement = await harness.newMeasurement(actor);
        const build = (version: number) => {
          const bare = aModelVersion(actor, job, { version });
          return { ...bare, deployments: [aDeployment(bare, measurement)] };
        };
        return (await publishDraft(products, job.jobId, aDraftOf(actor, build))).deployments[0]!;
      };
      const [first, second] = [await deploy(), await deploy()];
      await erase(1);
      expect(await models.findDeployment(actor, first.id)).toBeUndefined();
      expect((await models.listDeployments(actor, { limit: 9 })).items).toEqual([second]);
      await eraseModel();
      expect((await models.listDeployments(actor, { limit: 9 })).items).toEqual([]);
      await models.purge({ deletedBefore: new Date('2031-01-01'), limit: 9 });
      expect(await models.findDeployment(actor, second.id)).toBeUndefined();
    });

    it('purges what was deleted long ago, and gives no number twice', async () => {
      const { actor, models } = harness;
      await create();
      await upload();
      await upload();
      await erase(2);
      const purge = (deletedBefore: string) =>
        models.purge({ deletedBefore: new Date(deletedBefore), limit: 9 });
      expect(await purge('2030-01-01')).toBe(0);
      expect(await purge('2030-01-03')).toBe(1);
      const undo = (actorOf: Actor) => models.updateVersion(actorOf, place(2), (before) => before);
      await expect(undo(actor)).rejects.toMatchObject({ code: 'not_found' });
      expect((await upload()).version.version).toBe(3);
      await eraseModel();
      expect(await purge('2030-01-03')).toBe(1);
      expect((await models.listModels(actor, { limit: 9, includeDeleted: true })).items).toEqual([]);
      const gone = models.updateModel(actor, 'digits', (before) => before);
      await expect(gone).rejects.toMatchObject({ code: 'not_found' });
      expect(await create({ description: 'anew' })).toMatchObject({ description: 'anew' });
      expect(await models.findModel(actor, 'digits')).not.toHaveProperty('latestVersion');
      expect((await upload()).version.version).toBe(4);
    });

    it('has a deleted model back, with all that was in it, when a job publishes to it', async () => {
      const { actor, models, products } = harness;
      await create({ description: 'kept' });
      await upload();
      await eraseModel();
      const job = await harness.newJob(actor);
      const build = (version: number) => aModelVersion(actor, job, { version });
      expect(await publishDraft(products, job.jobId, aDraftOf(actor, build))).toMatchObject({ version: 2 });
      expect(await models.findModel(actor, 'digits')).toMatchObject({
        description: 'kept',
        latestVersion: 2,
      });
      expect(await models.findVersion(actor, 'digits', 1)).toBeDefined();
    });
  });
}
