import type { Actor, ModelVersion } from '#contracts';
import { aDataset } from '../jobs/job-fixtures.js';
import { aBundle, aDeployment, aDraftOf, aModel, aModelVersion } from './registry-fixtures.js';
import { publishDraft, type RegistryRepositoriesHarness } from './registry-harness.js';

/** What every repository of models and datasets promises. `open` gives empty ones. */
export function registryRepositoriesConformance(
  name: string,
  open: () => Promise<RegistryRepositoriesHarness>,
): void {
  describe(`${name} as repositories of models and datasets`, () => {
    let harness: RegistryRepositoriesHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    const publish = async (actor: Actor, model = 'digits', job?: { jobId: string; datasetId: string }) => {
      const refers = job ?? (await harness.newJob(actor));
      const lineage = { ...refers, datasetDigest: 'e'.repeat(64) };
      const build = (version: number) => aModelVersion(actor, lineage, { model, version });
      return publishDraft(harness.products, refers.jobId, aDraftOf(actor, build, { name: model }));
    };

    it('numbers the versions of each model and team from 1', async () => {
      const { actor, stranger, models } = harness;
      expect((await publish(actor)).version).toBe(1);
      expect((await publish(actor)).version).toBe(2);
      expect((await publish(actor, 'letters')).version).toBe(1);
      expect((await publish(stranger)).version).toBe(1);
      expect(await models.findModel(actor, 'digits')).toMatchObject({ name: 'digits', latestVersion: 2 });
    });

    it('keeps the first audit of a model and its name', async () => {
      const { actor, models } = harness;
      await publish(actor);
      const first = await models.findModel(actor, 'digits');
      await publish({ ...actor, owner: 'grace' });
      expect(await models.findModel(actor, 'digits')).toMatchObject({ id: first!.id, owner: actor.owner });
    });

    it('gives a job one version, however often and concurrently it is published', async () => {
      const { actor, models } = harness;
      const job = await harness.newJob(actor);
      const published = await Promise.all([1, 2, 3].map(() => publish(actor, 'digits', job)));
      expect(new Set(published.map((version) => version.id)).size).toBe(1);
      expect(await models.findModel(actor, 'digits')).toMatchObject({ latestVersion: 1 });
    });

    it('gives concurrent jobs different versions without a gap', async () => {
      const { actor } = harness;
      const versions = await Promise.all([1, 2, 3, 4].map(() => publish(actor)));
      expect(versions.map((version) => version.version).sort()).toEqual([1, 2, 3, 4]);
    });

    it('stores a version with its deployments', async () => {
      const { actor, models, products, stranger } = harness;
      const job = await harness.newJob(actor);
      const measurement = await harness.newMeasurement(actor);
      const lineage = { ...job, datasetDigest: 'e'.repeat(64), calibrationId: measurement.calibrationId };
      const bare = aModelVersion(actor, lineage);
      const version: ModelVersion = { ...bare, deployments: [aDeployment(bare, measurement)] };
      const draft = { model: aModel(actor), digest: version.bundle.digest, build: () => version };
      expect(await publishDraft(products, job.jobId, draft)).toEqual(version);
      expect(await models.findVersion(actor, 'digits', 1)).toEqual(version);
      expect(await models.findVersion(actor, 'digits', 2)).toBeUndefined();
      expect(await models.findVersion(stranger, 'digits', 1)).toBeUndefined();
    });

    it('leaves no model behind when the version cannot be built', async () => {
      const { actor, models } = harness;
      const { jobId } = await harness.newJob(actor);
      const build = () => {
        throw new Error('no verification');
      };
      const failing = publishDraft(harness.products, jobId, {
        model: aModel(actor),
        digest: aBundle().digest,
        build,
      });
      await expect(failing).rejects.toThrow('no verification');
      expect(await models.findModel(actor, 'digits')).toBeUndefined();
    });

    it('lists the models of a team page by page', async () => {
      const { actor, stranger, models } = harness;
      for (const model of ['a', 'b', 'c']) await publish(actor, model);
      const first = await models.listModels(actor, { limit: 2 });
      const second = await models.listModels(actor, { limit: 2, cursor: first.nextCursor });
      const names = [...first.items, ...second.items].map((model) => model.name).sort();
      expect(names).toEqual(['a', 'b', 'c']);
      expect((await models.listModels(stranger, { limit: 2 })).items).toEqual([]);
    });

    it('stores a dataset, once per name, and shows it to its team alone', async () => {
      const { actor, stranger, datasets } = harness;
      const dataset = aDataset(actor);
      await datasets.create(dataset);
      expect(await datasets.find(actor, dataset.id)).toEqual(dataset);
      expect(await datasets.find(stranger, dataset.id)).toBeUndefined();
      expect(await datasets.findByName(actor, dataset.name)).toEqual(dataset);
      expect(await datasets.findByName(stranger, dataset.name)).toBeUndefined();
      expect(await datasets.findByName(actor, 'unknown')).toBeUndefined();
      expect((await datasets.list(actor, { limit: 50 })).items).toContainEqual(dataset);
      const again = datasets.create(aDataset(actor, { name: dataset.name }));
      await expect(again).rejects.toMatchObject({ code: 'already_exists' });
    });
  });
}
