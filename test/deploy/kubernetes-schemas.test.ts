import fs from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { temporaryFolder } from '#testkit';
import { manifestProblems } from './manifest-problems.js';
import {
  findKustomize,
  KUBERNETES,
  KUSTOMIZATIONS,
  manifestFiles,
  readManifests,
  titleOf,
} from './manifests.js';

const problems = (manifests: ReturnType<typeof readManifests>) =>
  manifests.flatMap((manifest) =>
    manifestProblems(manifest).map((problem) => `${titleOf(manifest)}: ${problem}`),
  );

test.each(manifestFiles())('%s is as the schemas of Kubernetes and KEDA say', (file) => {
  expect(problems(readManifests(path.join(KUBERNETES, file)))).toEqual([]);
});

describe('a manifest', () => {
  const budget = (spec: string) =>
    manifestProblems(
      parse(
        `{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: a}, spec: ${spec}}`,
      ) as never,
    );

  test('that is in order has no problems', () => {
    expect(budget('{minAvailable: 1, selector: {matchLabels: {a: b}}}')).toEqual([]);
  });

  test('with a value of a wrong type has one', () => {
    expect(budget('{selector: {matchLabels: {a: 1}}}')).toEqual([
      expect.stringContaining('data/spec/selector/matchLabels/a must be string'),
    ]);
  });

  test('with a field that is mistyped has one', () => {
    expect(budget('{selector: {matchLabel: {a: b}}}')).toContain(
      '/spec/selector/matchLabel: a field that the schema does not know',
    );
  });

  test('of a kind without a schema has one', () => {
    expect(manifestProblems({ apiVersion: 'v2', kind: 'Pod' })).toEqual(['there is no schema for Pod of v2']);
  });

  test('without a required field has one', () => {
    expect(manifestProblems({ apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject' })).toEqual([
      'data must have required property spec',
    ]);
  });
});

const kustomize = findKustomize();
if (kustomize === undefined) {
  console.warn(
    'neither kustomize nor kubectl is here: the kustomizations are NOT built, only their files are checked',
  );
}

(kustomize ? describe : describe.skip)('kustomize', () => {
  const built = (folder: string) => kustomize!(path.join(KUBERNETES, folder));

  test.each(KUSTOMIZATIONS)('builds %s, and what comes out is as the schemas say', (folder) => {
    const manifests = built(folder);
    expect(manifests.length).toBeGreaterThan(10);
    expect(problems(manifests)).toEqual([]);
  });

  test.each(fs.readdirSync(path.join(KUBERNETES, 'components')))(
    'adds the component %s to the base, and what comes out is as the schemas say',
    async (component) => {
      const folder = await temporaryFolder('kustomization');
      try {
        const below = (name: string) => path.relative(folder.path, path.join(KUBERNETES, name));
        const kustomization = { resources: [below('base')], components: [below(`components/${component}`)] };
        fs.writeFileSync(path.join(folder.path, 'kustomization.yaml'), stringify(kustomization));
        const manifests = kustomize!(folder.path);
        const base = built('base');
        expect(manifests.length).toBeGreaterThanOrEqual(base.length);
        expect(manifests).not.toEqual(base);
        expect(problems(manifests)).toEqual([]);
      } finally {
        await folder.remove();
      }
    },
  );

  test('puts everything of the example into one namespace, with images of one registry and its autoscaler', () => {
    const manifests = built('overlays/example');
    for (const { kind, metadata } of manifests) {
      expect([metadata.name, metadata.namespace]).toEqual([
        metadata.name,
        kind === 'Namespace' ? undefined : 'isochron',
      ]);
    }
    const deployments = manifests.filter(({ kind }) => kind === 'Deployment');
    const images = deployments.map(({ spec }) => spec.template.spec.containers[0].image as string);
    for (const image of images) expect(image).toMatch(/^registry\.example\.com\/isochron(-gpu)?:\d/);
    const replicas = deployments.map(({ metadata, spec }) => [metadata.name, spec.replicas]);
    expect(Object.fromEntries(replicas)).toEqual({
      'isochron-api': 2,
      'isochron-worker-cpu': undefined,
      'isochron-worker-gpu': undefined,
    });
  });
});
