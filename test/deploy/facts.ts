import fs from 'node:fs';
import path from 'node:path';
import { LEAN_PROCESS } from '#runtime';

/** What the service itself says about the things that deploy/ has to agree with. */

export const ROOT = path.resolve(import.meta.dirname, '../..');
export const read = (file: string): string => fs.readFileSync(path.join(ROOT, file), 'utf8');

/** Read by the S3 client, which has them from the environment by itself. */
const S3_CLIENT_VARIABLES = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION'];

/** Read by OpenTelemetry's SDK by itself. */
const TRACING_VARIABLES = ['OTEL_EXPORTER_OTLP_HEADERS'];

/** What the API is started with so that it takes less memory, as variables alone. */
export const LEAN_ENVIRONMENT = { NODE_OPTIONS: LEAN_PROCESS.nodeArgs.join(' '), ...LEAN_PROCESS.env };

/** The variables that #runtime looks at. */
export const configVariables = (): string[] =>
  [...read('libs/runtime/src/config.ts').matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map((match) => match[1]!);

/** The variables that #runtime, a library or Node.js looks at. */
export const knownVariables = (): string[] => [
  ...configVariables(),
  ...S3_CLIENT_VARIABLES,
  ...TRACING_VARIABLES,
  ...Object.keys(LEAN_ENVIRONMENT),
];

/** Of clients alone: neither API nor worker is given it. */
const OF_CLIENTS = new Set(['ISOCHRON_API_KEY']);
/** Besides WORKER_*. */
const OF_WORKERS = new Set(['DATASET_CACHE_GIB', 'METRICS_PORT']);
const OF_BOTH = /^(DATABASE_URL|REDIS_URL|ARTIFACTS_URL|DATA_DIR|LOG_LEVEL|HOST|METRICS_TOKEN|OTEL_\w+)$/;

/** The variables that a team may set for a service: what is new in config.ts is the API's, until this says otherwise. */
export function variablesOf(service: 'api' | 'worker'): string[] {
  const isWorkers = (name: string) => name.startsWith('WORKER_') || OF_WORKERS.has(name);
  return configVariables().filter(
    (name) => !OF_CLIENTS.has(name) && (OF_BOTH.test(name) || isWorkers(name) === (service === 'worker')),
  );
}

/** After how long a process that was asked to end does so, whatever it is at. */
export function shutdownSeconds(): number {
  const found = /timeoutMs = ([\d_]+)/.exec(read('libs/runtime/src/shutdown.ts'));
  if (found === null) throw new Error('libs/runtime/src/shutdown.ts: expected a default of timeoutMs');
  return Number(found[1]!.replaceAll('_', '')) / 1000;
}

/** Whether the build makes a file of dist/, which may not be there yet: whether it has a source. */
export function isBuilt(file: string): boolean {
  return fs.existsSync(path.join(ROOT, file.replace(/^dist\//, '').replace(/\.js$/, '.ts')));
}
