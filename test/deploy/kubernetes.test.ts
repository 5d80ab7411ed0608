import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { readConfig } from '#runtime';
import { isBuilt, knownVariables, LEAN_ENVIRONMENT, read, shutdownSeconds } from './facts.js';
import {
  KUBERNETES,
  kustomizationFolders,
  manifestFiles,
  readKustomization,
  readManifests,
  titleOf,
  type Manifest,
  type PodTemplate,
} from './manifests.js';

const inFolder = (folder: string) => manifestFiles().filter((file) => file.startsWith(folder));
const manifests = manifestFiles().flatMap((file) => readManifests(path.join(KUBERNETES, file)));
const base = inFolder('base/').flatMap((file) => readManifests(path.join(KUBERNETES, file)));
const podsOf = (from: readonly Manifest[]) =>
  from
    .filter(({ kind }) => kind === 'Deployment' || kind === 'Job')
    .map((owner) => ({ owner, name: owner.metadata.name, pod: owner.spec.template as PodTemplate }));
const pods = podsOf(base);
const find = (kind: string, name: string, from = manifests) =>
  from.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
const config = find('ConfigMap', 'isochron')!.data!;
const secret = readManifests(path.join(KUBERNETES, 'secret.example.yaml'))[0]!.stringData!;
/** With values of the form that the template shows. */
const placeholders = { DATABASE_URL: 'postgres://u:p@h/d', REDIS_URL: 'redis://h:6379' };

describe('kustomizations', () => {
  test.each(kustomizationFolders())('%s names resources that exist, and every file of its own', (folder) => {
    const { resources = [], components = [] } = readKustomization(folder);
    for (const name of [...resources, ...components]) {
      expect([name, fs.existsSync(path.join(KUBERNETES, folder, name))]).toEqual([name, true]);
    }
    const own = fs.readdirSync(path.join(KUBERNETES, folder)).filter((name) => name !== 'kustomization.yaml');
    expect(resources.filter((name) => !name.startsWith('../')).toSorted()).toEqual(own.toSorted());
  });

  test.each(kustomizationFolders())('%s patches what exists', (folder) => {
    for (const { target } of readKustomization(folder).patches ?? []) {
      const matches = ({ kind, metadata }: Manifest) =>
        kind === target.kind && new RegExp(`^(${target.name ?? '.*'})$`).test(metadata.name);
      expect([target, base.some(matches)]).toEqual([target, true]);
    }
  });

  test('workers that are scaled by the jobs that need a card take no others', () => {
    const { patches } = readKustomization('components/autoscaling-keda');
    const { patch } = patches!.find(({ target }) => target.name === 'isochron-worker-gpu')!;
    expect(parse(patch)).toEqual([
      {
        op: 'add',
        path: '/spec/template/spec/containers/0/env/-',
        value: { name: 'WORKER_QUEUES', value: 'train.gpu,light' },
      },
    ]);
    expect(readConfig({ ...placeholders, WORKER_QUEUES: 'train.gpu,light' }).workerQueues).toBeDefined();
  });

  test('no two resources have the same kind and name', () => {
    const titles = manifests.map(titleOf);
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
  });
});

describe('pods', () => {
  test.each(pods)(
    '$name runs a file that the build makes, of an image that the Dockerfile makes',
    ({ pod }) => {
      const [{ command, image }] = pod.spec.containers as [PodTemplate['spec']['containers'][number]];
      expect(command[0]).toBe('node');
      expect([command[1], isBuilt(command[1]!)]).toEqual([command[1], true]);
      expect(['isochron', 'isochron-gpu']).toContain(image);
    },
  );

  test.each(pods)('$name is configured by variables that exist, with values that they take', ({ pod }) => {
    const { env = [], envFrom = [] } = pod.spec.containers[0]!;
    const own = Object.fromEntries(env.map(({ name, value }) => [name, value]));
    const fromMap = envFrom.some((source) => source.configMapRef?.name === 'isochron') ? config : {};
    const fromSecret = envFrom.some((source) => source.secretRef?.name === 'isochron') ? secret : {};
    const environment = { ...fromMap, ...fromSecret, ...own };
    for (const variable of Object.keys(environment)) expect(knownVariables()).toContain(variable);
    expect(() => readConfig({ ...environment, ...placeholders })).not.toThrow();
    expect(Object.keys(secret)).toEqual(expect.arrayContaining(['DATABASE_URL', 'REDIS_URL']));
  });

  test.each(pods.filter(({ owner }) => owner.kind === 'Deployment'))(
    '$name is given all that the settings and the secret have',
    ({ pod }) => {
      const { envFrom } = pod.spec.containers[0]!;
      expect(envFrom).toEqual([{ configMapRef: { name: 'isochron' } }, { secretRef: { name: 'isochron' } }]);
    },
  );

  test.each(pods)(
    '$name runs without root, without a token, on a file system that it only reads',
    ({ pod }) => {
      expect(pod.spec).toMatchObject({
        serviceAccountName: find('ServiceAccount', 'isochron')!.metadata.name,
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      });
      for (const container of pod.spec.containers) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(container.resources).toMatchObject({ requests: expect.anything(), limits: expect.anything() });
      }
    },
  );

  test.each(pods)('$name mounts volumes that it has', ({ pod }) => {
    const volumes = (pod.spec.volumes ?? []).map(({ name }) => name);
    const mounts = pod.spec.containers.flatMap(({ volumeMounts = [] }) => volumeMounts);
    expect(mounts.map(({ name }) => name)).toEqual(volumes);
  });

  test.each(pods.filter(({ owner }) => owner.kind === 'Deployment'))(
    '$name can write where its data goes, and gets longer to end than it takes',
    ({ pod }) => {
      const [container] = pod.spec.containers;
      expect(container!.volumeMounts).toContainEqual({ name: 'data', mountPath: config['DATA_DIR'] });
      expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(shutdownSeconds() + 10);
    },
  );
});

describe('labels and names', () => {
  const selects = (selector: object) =>
    pods.filter(({ pod }) => expect.objectContaining(selector).asymmetricMatch(pod.metadata.labels));

  test.each(pods.filter(({ owner }) => owner.kind === 'Deployment'))(
    '$name, its service and its budget select its pods and no others',
    ({ owner, name }) => {
      const budget = find('PodDisruptionBudget', name)!;
      const selectors = [owner.spec.selector.matchLabels, budget.spec.selector.matchLabels];
      const service = find('Service', name);
      if (service !== undefined) selectors.push(service.spec.selector);
      for (const selector of selectors) expect(selects(selector).map((pod) => pod.name)).toEqual([name]);
    },
  );

  test('network policies select all pods, and the API', () => {
    const selected = (name: string) =>
      selects(find('NetworkPolicy', name)!.spec.podSelector.matchLabels).map((pod) => pod.name);
    expect(selected('isochron').toSorted()).toEqual(pods.map(({ name }) => name).toSorted());
    expect(selected('isochron-api')).toEqual(['isochron-api']);
  });

  test('starts the API lean', () => {
    const { env } = find('Deployment', 'isochron-api')!.spec.template.spec.containers[0];
    for (const [name, value] of Object.entries(LEAN_ENVIRONMENT)) expect(env).toContainEqual({ name, value });
  });

  test('the port that the API listens on is the one of its container, its probes, its service and its policy', () => {
    const api = find('Deployment', 'isochron-api')!.spec.template.spec.containers[0];
    const { port } = readConfig(Object.fromEntries(api.env.map((e: any) => [e.name, e.value])));
    expect(api.ports).toEqual([{ name: 'http', containerPort: port }]);
    expect(find('NetworkPolicy', 'isochron-api')!.spec.ingress[0].ports[0].port).toBe(port);
    const health = read('apps/api/src/health/health.controller.ts');
    for (const probe of [api.startupProbe, api.livenessProbe, api.readinessProbe]) {
      expect(probe.httpGet.port).toBe('http');
      expect(health).toContain(`@Get('${path.basename(probe.httpGet.path)}')`);
      expect(path.dirname(probe.httpGet.path)).toBe('/health');
    }
    expect(find('Service', 'isochron-api')!.spec.ports[0].targetPort).toBe('http');
  });

  test('autoscalers and the ingress refer to what exists', () => {
    const scalers = manifests.filter(({ kind }) => /^(ScaledObject|HorizontalPodAutoscaler)$/.test(kind));
    expect(scalers).toHaveLength(3);
    for (const { spec } of scalers) expect(find('Deployment', spec.scaleTargetRef.name)).toBeDefined();
    const { backend } = find('Ingress', 'isochron')!.spec.rules[0].http.paths[0];
    expect(find('Service', backend.service.name)!.spec.ports[0].name).toBe(backend.service.port.name);
  });
});

describe('the template of the secret', () => {
  test('has nothing but placeholders, and no kustomization takes it', () => {
    for (const value of Object.values(secret)) expect(value).toMatch(/^[A-Z_]+$|\/\/USER:PASSWORD@HOST:/);
    const taken = kustomizationFolders().flatMap((folder) => readKustomization(folder).resources ?? []);
    expect(taken.filter((file) => file.includes('secret'))).toEqual([]);
  });

  test('has the keys that manifests ask for by name', () => {
    const asked = [...JSON.stringify(manifests).matchAll(/"name":"isochron","key":"(\w+)"/g)].map(
      (m) => m[1],
    );
    expect(new Set(asked)).toEqual(new Set(['DATABASE_URL']));
    expect(secret).toHaveProperty('DATABASE_URL');
  });
});
