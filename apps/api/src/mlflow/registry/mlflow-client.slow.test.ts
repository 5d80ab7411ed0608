/** MLflow's own Python client, from PyPI, against the API. */
import fs from 'node:fs';
import path from 'node:path';
import { pythonEnvironment } from '#testkit';
import { aBundleFile } from '../../testing/a-bundle.js';
import { startTestApi } from '../../testing/test-api.js';
import { sha256 } from '../../testing/upload-file.js';
import { MLFLOW } from '../mlflow-release.fixture.js';

const python = await pythonEnvironment([MLFLOW]);
if (typeof python === 'string') console.log(`skipped: ${python}`);
const testWithClient = typeof python === 'string' ? test.skip : test;
afterAll(() => {
  if (typeof python !== 'string') python.remove();
});

const MODEL = 'digits-of-mlflow';
const BUNDLES = [1, 2].map((seed) => aBundleFile(seed));

testWithClient('registers, lists, aliases and downloads', async () => {
  if (typeof python === 'string') return;
  const files = [...BUNDLES, Buffer.from('no bundle')].map((content, index) => {
    const file = path.join(python.folder, `file${index}.safetensors`);
    fs.writeFileSync(file, content);
    return file;
  });
  const api = await startTestApi();
  const told = (await python
    .call('mlflow_client.py', files, {
      ...{ MLFLOW_TRACKING_URI: api.url, MLFLOW_TRACKING_TOKEN: api.key },
      VIEWER_KEY: await api.keyOf(api.store.actor, 'viewer'),
    })
    .finally(() => api.close())) as any;

  expect(told.created).toEqual({ name: MODEL, tags: { team: 'edge' }, description: 'of the client' });
  const ready = { name: MODEL, status: 'READY', current_stage: 'None', aliases: [] };
  expect(told.versions).toEqual([
    { ...ready, version: '1', description: 'first', tags: { a: 'b' } },
    { ...ready, version: '2', description: '', tags: {} },
  ]);
  expect([told.sameBundle, told.registered, told.copied, told.champion]).toEqual(['1', '1', '1', '2']);
  expect(told.aliases).toEqual({ champion: '2', production: '1' });
  expect(told.changed).toEqual({ tags: { stage: 'beta' }, description: 'changed' });
  const changed = { description: 'better words', tags: { checked: 'yes' }, aliases: ['production'] };
  expect(told.changedVersion).toMatchObject(changed);
  expect(told.latest).toEqual(['2']);

  const models = ['digits-copied', MODEL, 'digits-registered'];
  expect(told.models).toEqual({ all: models, like: [...models].reverse(), tag: [MODEL], none: [] });
  expect(told.pages).toEqual([models.slice(0, 2), models.slice(2)]);
  expect(told.found).toEqual({
    ...{ name: [`${MODEL}/2`, `${MODEL}/1`], number: [`${MODEL}/2`], tag: [`${MODEL}/1`] },
    all: [`${MODEL}/2`, 'digits-copied/1', `${MODEL}/1`, 'digits-registered/1'],
  });

  const downloaded = (version: 1 | 2) => ({
    files: ['MLmodel', `${MODEL}-${version}.safetensors`, 'registered_model_meta'],
    ...{
      digest: sha256(BUNDLES[version - 1]!),
      flavors: ['isochron'],
      data: `${MODEL}-${version}.safetensors`,
    },
    signature: expect.stringContaining("[Tensor('float32', (-1, 1, 8, 8))]"),
  });
  expect(told.downloads).toEqual({
    [`${MODEL}@production`]: downloaded(1),
    [`${MODEL}/2`]: downloaded(2),
    [`${MODEL}/latest`]: downloaded(2),
  });
  expect([told['one file'], told.registryAlone]).toEqual(['MLmodel', downloaded(1).files]);

  const refusals = {
    ...{ createdTwice: 'RESOURCE_ALREADY_EXISTS', notABundle: 'INVALID_PARAMETER_VALUE' },
    ...{ elsewhere: 'INVALID_PARAMETER_VALUE', noChampion: 'RESOURCE_DOES_NOT_EXIST' },
    ...{ deletedWhileAliased: 'RESOURCE_CONFLICT', badFilter: 'INVALID_PARAMETER_VALUE' },
    ...{ stage: 'INVALID_PARAMETER_VALUE', stageUri: 'INVALID_PARAMETER_VALUE' },
    ...{ renamed: 'INVALID_PARAMETER_VALUE', experiment: 'ENDPOINT_NOT_FOUND' },
    ...{ unknown: 'RESOURCE_DOES_NOT_EXIST', deleted: 'RESOURCE_DOES_NOT_EXIST', nobody: 'UNAUTHENTICATED' },
  };
  const codes = Object.keys(refusals).map((name) => [name, told[name]?.code]);
  expect(Object.fromEntries(codes)).toEqual(refusals);
  expect(told.stage.message).toContain('models:/NAME@production');
  expect(told.experiment.message).toContain('MLFLOW_REGISTRY_URI');
  expect(told.afterDeletion).toEqual([`${MODEL}/2`]);
  expect(told.viewer).toEqual({
    lists: ['digits-copied', 'digits-registered'],
    creates: expect.objectContaining({ code: 'PERMISSION_DENIED' }),
  });
});
