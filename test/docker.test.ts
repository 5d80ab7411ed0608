import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { readConfig } from '#runtime';

const ROOT = path.resolve(import.meta.dirname, '..');
const read = (file: string) => fs.readFileSync(path.join(ROOT, file), 'utf8');

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose;
const services = Object.entries(compose.services);
const own = services.filter(([, service]) => service.build !== undefined);

/** A source file of a file in dist/, which is made by `npm run build` and may not be there yet. */
const sourceOf = (built: string) => path.join(ROOT, built.replace(/^dist\//, '').replace(/\.js$/, '.ts'));

/** The variables that #runtime looks at. */
function knownVariables(): Set<string> {
  const declared = read('libs/runtime/src/config.ts').matchAll(/^ {2}([A-Z][A-Z_]+):/gm);
  return new Set([...declared].map((match) => match[1]!));
}

describe('docker-compose.yml', () => {
  test('runs postgres, redis, migrations, api and worker', () => {
    expect(Object.keys(compose.services)).toEqual(['postgres', 'redis', 'migrate', 'api', 'worker']);
  });

  test.each(own)('%s runs a file that the build makes', (_name, { command }) => {
    expect(command?.[0]).toBe('node');
    expect(fs.existsSync(sourceOf(command![1]!))).toBe(true);
  });

  test.each(own)('%s is configured by variables that exist, with values that they take', (_name, service) => {
    const known = knownVariables();
    const environment = { ...service.environment };
    environment['DATABASE_URL'] = environment['DATABASE_URL']!.replace(/\$\{[^}]+\}/, 'secret');
    for (const variable of Object.keys(environment)) expect(known).toContain(variable);
    const config = readConfig(environment);
    expect(config.databaseUrl).toBe('postgres://isochron:secret@postgres:5432/isochron');
    expect(config.artifactsUrl).toBe('file:///var/lib/isochron/artifacts');
  });

  test.each(services)(
    '%s depends only on services that exist and can meet the condition',
    (_name, service) => {
      for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
        const other = compose.services[name];
        expect(other).toBeDefined();
        if (condition === 'service_healthy') expect(other!.healthcheck?.test[0]).toBe('CMD');
      }
    },
  );

  test.each(services)('%s mounts volumes that are declared', (_name, service) => {
    for (const volume of service.volumes ?? []) {
      expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
    }
  });

  test('api and worker share artifacts, and Redis neither evicts nor forgets', () => {
    const { api, worker, redis } = compose.services;
    expect(worker!.volumes).toEqual(api!.volumes);
    expect(redis!.command!.join(' ')).toContain('--appendonly yes --maxmemory-policy noeviction');
  });

  test('publishes the port that the API listens on', () => {
    const api = compose.services['api'] as Service & { readonly ports: readonly string[] };
    expect(api.ports).toEqual([`127.0.0.1:3000:${api.environment!['PORT']}`]);
    expect(api.healthcheck!.test.join(' ')).toContain(`:${api.environment!['PORT']}/health/ready`);
  });
});

describe('Dockerfile', () => {
  const lines = read('Dockerfile').split('\n');
  const sources = lines.filter((line) => line.startsWith('COPY')).map((line) => line.split(/\s+/).slice(1));

  test('copies only what is there', () => {
    const ignored = new Set(read('.dockerignore').split('\n').filter(Boolean));
    for (const words of sources.filter((w) => !w[0]!.startsWith('--from'))) {
      for (const source of words.slice(0, -1)) {
        expect(fs.existsSync(path.join(ROOT, source))).toBe(true);
        expect(ignored.has(source)).toBe(false);
      }
    }
    const built = sources
      .filter((w) => w[0]!.startsWith('--from'))
      .map((w) => w.at(-2)!.replace(/^\/app\//, ''));
    expect(built).toEqual(['node_modules', 'package.json', 'prisma', 'dist']);
  });

  test('does not run as root', () => {
    const last = lines.lastIndexOf('USER node');
    expect(last).toBeGreaterThan(lines.findLastIndex((line) => line.startsWith('FROM')));
  });

  test('its own command is a file that the build makes', () => {
    const command = /^CMD (\[.*\])$/m.exec(read('Dockerfile'))![1]!;
    const [program, file] = JSON.parse(command) as string[];
    expect(program).toBe('node');
    expect(fs.existsSync(sourceOf(file!))).toBe(true);
  });
});
