import path from 'node:path';
import { parse } from 'yaml';
import { readConfig } from '#runtime';
import {
  configVariables,
  isBuilt,
  knownVariables,
  LEAN_ENVIRONMENT,
  read,
  shutdownSeconds,
  variablesOf,
} from './facts.js';

interface Service {
  readonly image?: string;
  readonly build?: string | { readonly context: string; readonly target: string };
  readonly profiles?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly secrets?: readonly string[];
  readonly stop_grace_period?: string;
  readonly deploy?: unknown;
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>;
}

const readCompose = (file: string) => parse(read(file), { merge: true }) as Compose;

const compose = readCompose('docker-compose.yml');
const worker = readCompose('deploy/compose/worker.yml');
const FILES = { 'docker-compose.yml': compose, 'deploy/compose/worker.yml': worker };

const all = Object.entries(FILES).flatMap(([file, { services, volumes }]) =>
  Object.entries(services).map(([name, service]) => ({ file, name, service, volumes, services })),
);
const own = all.filter(({ service }) => service.build !== undefined);
const workers = own.filter(({ name }) => name.startsWith('worker'));

/** What Compose puts in place of `${NAME:-default}`, `${NAME:+value}` and `${NAME:?message}`. */
function replaced(text: string, values: Record<string, string>): string {
  return text.replaceAll(
    /\$\{(\w+)(?::([-+?])([^}]*))?\}/g,
    (_, name: string, kind: string, word: string) => {
      if (kind === '+') return values[name] === undefined ? '' : word;
      const value = values[name] ?? (kind === '-' ? word : undefined);
      if (value === undefined) throw new Error(`${name} has neither a value nor a default`);
      return value;
    },
  );
}

/** What Compose gives a container; a variable without a value is the shell's, or that of .env. */
function interpolated(environment: Service['environment'], values: Record<string, string>) {
  return Object.fromEntries(
    Object.entries(environment ?? {}).map(([name, value]) => [
      name,
      value === null ? values[name] : replaced(value, values),
    ]),
  );
}

const GIVEN = {
  POSTGRES_PASSWORD: 'secret',
  DATABASE_URL: 'postgres://isochron:secret@postgres:5432/isochron',
  REDIS_URL: 'redis://redis:6379',
  ARTIFACTS_URL: 'file:///var/lib/isochron/artifacts',
};

test('docker-compose.yml runs postgres, redis, migrations, api and workers', () => {
  const expected = ['postgres', 'redis', 'migrate', 'api', 'worker', 'worker-gpu'];
  expect(Object.keys(compose.services)).toEqual(expected);
});

test.each(own)('$file: $name runs a file that the build makes', ({ service: { command } }) => {
  expect(command?.[0]).toBe('node');
  expect([command![1], isBuilt(command![1]!)]).toEqual([command![1], true]);
});

test.each(own)(
  '$file: $name is configured by variables that exist, with values that they take',
  ({ service }) => {
    const environment = interpolated(service.environment, GIVEN);
    for (const variable of Object.keys(environment)) expect(knownVariables()).toContain(variable);
    const config = readConfig(environment);
    expect(config).toMatchObject({
      databaseUrl: GIVEN.DATABASE_URL,
      redisUrl: GIVEN.REDIS_URL,
      artifactsUrl: GIVEN.ARTIFACTS_URL,
      dataDir: '/var/lib/isochron/data',
    });
  },
);

/** What a container has an answer of its own to, whatever the machine says. */
const FIXED = /^(DATABASE_URL|REDIS_URL|DATA_DIR|HOST|PORT|METRICS_PORT)$/;
/** Of which the container has a file of its own. */
const FILES_OF_HOST = ['SIGNING_KEY'];

describe.each(own.filter(({ name }) => name !== 'migrate'))('$file: $name', ({ name, service }) => {
  const variables = variablesOf(name === 'api' ? 'api' : 'worker');
  test.each(variables.filter((variable) => !FIXED.test(variable) && !FILES_OF_HOST.includes(variable)))(
    'is given %s where the shell or .env sets it',
    (variable) => {
      expect(interpolated(service.environment, { ...GIVEN, [variable]: 'given' })[variable]).toBe('given');
    },
  );

  test('has all others set for it', () => {
    for (const variable of variables) expect(Object.keys(service.environment!)).toContain(variable);
  });
});

test('reports are signed with the file that SIGNING_KEY names, or with the key in the database', () => {
  const { api } = compose.services;
  const keyOf = (values: Record<string, string>) => interpolated(api!.environment, values)['SIGNING_KEY'];
  const given = { ...GIVEN, SIGNING_KEY: '/etc/key.pem' };
  expect(keyOf(given)).toBe(`/run/secrets/${api!.secrets![0]}`);
  expect(replaced(compose.secrets!['signing-key']!.file, given)).toBe('/etc/key.pem');
  expect(api!.secrets).toEqual(Object.keys(compose.secrets!));
  expect(readConfig({ SIGNING_KEY: keyOf(GIVEN) }).signingKeyFile).toBeUndefined();
  expect(replaced(compose.secrets!['signing-key']!.file, GIVEN)).toBe('/dev/null');
});

test('docs/mlflow.md has every variable of MLflow', () => {
  const documented = new Set(
    [...read('docs/mlflow.md').matchAll(/`(MLFLOW_\w+)`/g)].map((match) => match[1]),
  );
  for (const variable of configVariables().filter((name) => name.startsWith('MLFLOW_')))
    expect(documented).toContain(variable);
});

test('a worker elsewhere needs three URLs and nothing else', () => {
  const { DATABASE_URL, REDIS_URL, ARTIFACTS_URL } = GIVEN;
  for (const { environment } of Object.values(worker.services)) {
    expect(() => interpolated(environment, { DATABASE_URL, REDIS_URL, ARTIFACTS_URL })).not.toThrow();
    for (const left of Object.keys({ DATABASE_URL, REDIS_URL, ARTIFACTS_URL })) {
      const given = { DATABASE_URL, REDIS_URL, ARTIFACTS_URL, [left]: undefined } as unknown as typeof GIVEN;
      expect(() => interpolated(environment, given)).toThrow(`${left} has neither`);
    }
  }
});

test.each(all)('$file: $name depends only on services that exist and can meet the condition', (one) => {
  for (const [name, { condition }] of Object.entries(one.service.depends_on ?? {})) {
    const other = one.services[name];
    expect(other).toBeDefined();
    if (condition === 'service_healthy') expect(other!.healthcheck?.test[0]).toBe('CMD');
  }
});

test.each(all)('$file: $name mounts volumes that are declared', ({ service, volumes }) => {
  for (const volume of service.volumes ?? []) expect(Object.keys(volumes)).toContain(volume.split(':')[0]);
});

test.each(workers)('$file: $name gets longer to end than it takes', ({ service }) => {
  const [, seconds] = /^(\d+)s$/.exec(service.stop_grace_period!)!;
  expect(Number(seconds)).toBeGreaterThanOrEqual(shutdownSeconds() + 10);
});

test.each(workers.filter(({ name }) => name === 'worker-gpu'))(
  '$file: $name starts with its profile alone, from the stage for graphics cards, and reserves one',
  ({ file, service }) => {
    const context = path.join('.', path.relative(path.dirname(file), '.'));
    expect(service).toMatchObject({
      profiles: ['gpu'],
      image: 'isochron-gpu',
      build: { context, target: 'gpu' },
      deploy: {
        resources: { reservations: { devices: [{ driver: 'nvidia', count: 1, capabilities: ['gpu'] }] } },
      },
    });
  },
);

test('api and workers share artifacts, and Redis neither evicts nor forgets', () => {
  const { api, redis, ...others } = compose.services;
  expect(others['worker']!.volumes).toEqual(api!.volumes);
  expect(others['worker-gpu']!.volumes).toEqual(api!.volumes);
  expect(redis!.command!.join(' ')).toContain('--appendonly yes --maxmemory-policy noeviction');
});

test('starts the API lean', () => {
  expect(compose.services['api']!.environment).toMatchObject(LEAN_ENVIRONMENT);
});

test('publishes the port that the API listens on', () => {
  const api = compose.services['api'] as Service & { readonly ports: readonly string[] };
  expect(api.ports).toEqual([`127.0.0.1:3000:${api.environment!['PORT']}`]);
  expect(api.healthcheck!.test.join(' ')).toContain(`:${api.environment!['PORT']}/health/ready`);
});
