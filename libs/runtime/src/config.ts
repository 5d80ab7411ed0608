import path from 'node:path';
import { z } from 'zod';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment says; the only part of Isochron that reads it. */
export interface Config {
  /** PostgreSQL to use; without it the launcher starts the embedded one. */
  readonly databaseUrl: string | undefined;
  /** Redis of the queues; without it they run on PostgreSQL. */
  readonly redisUrl: string | undefined;
  /** Where artifacts are stored: a directory, a file: or s3: URL; without it `artifacts` in the data directory. */
  readonly artifactsUrl: string | undefined;
  /** Absolute directory of everything this machine keeps. */
  readonly dataDir: string;
  readonly host: string;
  /** TCP port of the API; 0 takes a free one. */
  readonly port: number;
  readonly logLevel: LogLevel;
  /** Jobs that a worker trains at once. */
  readonly workerConcurrency: number;
  /** What people call this worker; default: the name of its machine. */
  readonly workerName: string | undefined;
  /** By which jobs choose workers. */
  readonly workerLabels: Readonly<Record<string, string>>;
  /** Queues that this worker takes messages of; default: all that it has engines for. */
  readonly workerQueues: readonly WorkerQueueName[] | undefined;
  /** Id of the only team whose jobs this worker trains; default: it serves all. */
  readonly workerTeam: string | undefined;
  /** How long trainings have to keep a checkpoint when their worker is stopped. */
  readonly drainMs: number;
  /** Bytes of datasets and bundles that a worker keeps on its disk; those used least recently go when there are more. */
  readonly datasetCacheBytes: number;
  /** How long deleted models and versions can be restored. */
  readonly modelRetentionMs: number;
  /** How long files stay that nothing refers to. */
  readonly artifactGraceMs: number;
  /** Whether webhooks may be posted to private and loopback addresses. */
  readonly webhookAllowPrivateAddresses: boolean;
  /** TCP port of a worker's metrics, 0 takes a free one; without it a worker serves none. */
  readonly metricsPort: number | undefined;
  /** Who sends it as a bearer token may read metrics; without it only this machine may. */
  readonly metricsToken: string | undefined;
  /** Whether OpenTelemetry is to export traces; its SDK reads the variables itself. */
  readonly tracing: boolean;
  /** Absolute folders below which requests may name datasets by path. */
  readonly datasetRoots: readonly string[];
  /** Requests that a key, or an address without one, may make in a minute; 0 for any number. */
  readonly rateLimitPerMinute: number;
  /** File of the private key, as PEM, that reports are signed with; without it the one in the database. */
  readonly signingKeyFile: string | undefined;
  /** Addresses of proxies in front of the API whose X-Forwarded-For is believed. */
  readonly trustedProxies: string | undefined;
  /** What a client calls the API with. */
  readonly apiKey: string | undefined;
  /** The MLflow server that jobs are logged to; without it they are not. */
  readonly mlflow: MlflowServer | undefined;
}

/** By the variables that MLflow's own clients read, and whose jobs are logged. */
export interface MlflowServer {
  /** Below which its REST API is, without credentials and without a slash at its end. */
  readonly url: string;
  /** Of every request. */
  readonly authorization: string | undefined;
  /** Default: an experiment per model. */
  readonly experimentName: string | undefined;
  /** Id of the only team whose jobs are logged; default: all of them. */
  readonly teamId: string | undefined;
}

const API_KEY = /^iso_[A-Za-z0-9_-]{32}$/;
/** Variables whose value is shown nowhere. */
const SECRETS = new Set(['ISOCHRON_API_KEY', 'METRICS_TOKEN']);
/** Queues that WORKER_QUEUES may name. */
const WORKER_QUEUES = ['train.gpu', 'train.cpu', 'light'] as const;
type WorkerQueueName = (typeof WORKER_QUEUES)[number];

const HOUR_MS = 3_600_000;

const Variables = z.object({
  DATABASE_URL: urlWithScheme(['postgres', 'postgresql']).optional(),
  REDIS_URL: urlWithScheme(['redis', 'rediss']).optional(),
  ARTIFACTS_URL: z.string().optional(),
  DATA_DIR: z.string().default('var'),
  HOST: z.string().default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(0),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `expected one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  WORKER_CONCURRENCY: wholeNumber(1, 64).default(1),
  WORKER_NAME: z
    .string()
    .regex(/^[\x21-\x7e]{1,100}$/, 'expected 1 to 100 visible ASCII characters')
    .optional(),
  WORKER_LABELS: labels().default({}),
  WORKER_QUEUES: queueNames().optional(),
  WORKER_TEAM: z.uuid('expected the id of a team').optional(),
  WORKER_DRAIN_SECONDS: wholeNumber(0, 86_400).default(20),
  DATASET_CACHE_GIB: wholeNumber(0, 1_000_000).default(20),
  MODEL_RETENTION_DAYS: wholeNumber(0, 36_500).default(30),
  ARTIFACT_GRACE_HOURS: wholeNumber(1, 876_000).default(24),
  WEBHOOK_ALLOW_PRIVATE_ADDRESSES: z
    .enum(['true', 'false'], { error: 'expected true or false' })
    .transform((text) => text === 'true')
    .optional(),
  METRICS_PORT: wholeNumber(0, 65_535).optional(),
  METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/, 'expected at least 16 visible ASCII characters')
    .optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.string().optional(),
  OTEL_TRACES_EXPORTER: z.string().optional(),
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_RESOURCE_ATTRIBUTES: z.string().optional(),
  OTEL_SDK_DISABLED: z.string().optional(),
  DATASET_ROOTS: absolutePaths().optional(),
  RATE_LIMIT_PER_MINUTE: wholeNumber(0, 1_000_000_000).default(6000),
  SIGNING_KEY: z.string().optional(),
  TRUSTED_PROXIES: z.string().optional(),
  ISOCHRON_API_KEY: z.string().regex(API_KEY, 'expected an API key: iso_ and 32 characters').optional(),
  MLFLOW_TRACKING_URI: urlWithScheme(['http', 'https']).optional(),
  MLFLOW_TRACKING_TOKEN: z.string().optional(),
  MLFLOW_TRACKING_USERNAME: z.string().optional(),
  MLFLOW_TRACKING_PASSWORD: z.string().optional(),
  MLFLOW_EXPERIMENT_NAME: z.string().max(500, 'expected at most 500 characters').optional(),
  MLFLOW_TEAM: z.uuid('expected the id of a team').optional(),
});

/** One environment variable that cannot be used. */
export interface ConfigProblem {
  readonly variable: string;
  /** As it was set, without passwords. */
  readonly value: string | undefined;
  readonly expected: string;
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly ConfigProblem[]) {
    super(problems.map((p) => `${p.variable}="${p.value ?? ''}": ${p.expected}`).join('; '));
  }
}

/**
 * Reads and checks the environment. A variable set to the empty string counts as not set.
 * @throws ConfigError naming every bad variable, its value and what was expected.
 */
export function readConfig(env: Environment = process.env): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = Variables.safeParse(set);
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map((issue) => problemOf(issue, set)));
  const v = parsed.data;
  const dataDir = path.resolve(v.DATA_DIR);
  return {
    databaseUrl: v.DATABASE_URL,
    redisUrl: v.REDIS_URL,
    artifactsUrl: v.ARTIFACTS_URL,
    dataDir,
    host: v.HOST,
    port: v.PORT,
    logLevel: v.LOG_LEVEL,
    workerConcurrency: v.WORKER_CONCURRENCY,
    workerName: v.WORKER_NAME,
    workerLabels: v.WORKER_LABELS,
    workerQueues: v.WORKER_QUEUES,
    workerTeam: v.WORKER_TEAM,
    drainMs: v.WORKER_DRAIN_SECONDS * 1000,
    datasetCacheBytes: v.DATASET_CACHE_GIB * 2 ** 30,
    modelRetentionMs: v.MODEL_RETENTION_DAYS * 24 * HOUR_MS,
    artifactGraceMs: v.ARTIFACT_GRACE_HOURS * HOUR_MS,
    // Who reaches an API that listens on loopback is on this machine already.
    webhookAllowPrivateAddresses: v.WEBHOOK_ALLOW_PRIVATE_ADDRESSES ?? isLoopback(v.HOST),
    metricsPort: v.METRICS_PORT,
    metricsToken: v.METRICS_TOKEN,
    tracing: asksForTraces(v),
    datasetRoots: v.DATASET_ROOTS ?? [path.join(dataDir, 'datasets')],
    rateLimitPerMinute: v.RATE_LIMIT_PER_MINUTE,
    signingKeyFile: v.SIGNING_KEY === undefined ? undefined : path.resolve(v.SIGNING_KEY),
    trustedProxies: v.TRUSTED_PROXIES,
    apiKey: v.ISOCHRON_API_KEY,
    mlflow: mlflowServer(v),
  };
}

/** The environment for a child process: this one's with some variables replaced, or removed where `undefined`. */
export function childEnvironment(changes: Environment): Record<string, string> {
  const merged = Object.entries({ ...process.env, ...changes });
  return Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/**
 * As the OpenTelemetry specification has it, but for its default: without any of these there are no traces. With one that does not
 * say where they go, they go where the specification sends them: by OTLP to a collector on this machine.
 */
function asksForTraces(v: z.infer<typeof Variables>): boolean {
  if (v.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || v.OTEL_TRACES_EXPORTER === 'none') return false;
  const where = [v.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, v.OTEL_EXPORTER_OTLP_ENDPOINT, v.OTEL_TRACES_EXPORTER];
  const whose = [v.OTEL_SERVICE_NAME, v.OTEL_RESOURCE_ATTRIBUTES];
  return [...where, ...whose].some((value) => value !== undefined);
}

/** A user with a password goes before a token, as MLflow's clients have it; the URI may name them too. */
function mlflowServer(v: z.infer<typeof Variables>): MlflowServer | undefined {
  if (v.MLFLOW_TRACKING_URI === undefined) return undefined;
  const uri = new URL(v.MLFLOW_TRACKING_URI);
  const user = v.MLFLOW_TRACKING_USERNAME ?? decodeURIComponent(uri.username);
  const password = v.MLFLOW_TRACKING_PASSWORD ?? decodeURIComponent(uri.password);
  const basic = user && password && `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const bearer = v.MLFLOW_TRACKING_TOKEN && `Bearer ${v.MLFLOW_TRACKING_TOKEN}`;
  return {
    url: `${uri.origin}${uri.pathname}`.replace(/\/+$/, ''),
    authorization: basic || bearer || undefined,
    experimentName: v.MLFLOW_EXPERIMENT_NAME,
    teamId: v.MLFLOW_TEAM,
  };
}

function problemOf(issue: z.core.$ZodIssue, env: Environment): ConfigProblem {
  const variable = String(issue.path[0]);
  const value = env[variable];
  const shown = SECRETS.has(variable) ? '***' : value && withoutPassword(value);
  return { variable, value: shown, expected: issue.message };
}

/**
 * A URL that may be shown: what stands before its last `@` is masked, the user too. Passwords that are not encoded
 * contain `/`, `:`, `#`, `?` and `@` and make the URL one that no parser takes apart rightly.
 */
export function withoutPassword(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);
}

function wholeNumber(min: number, max: number) {
  const error = `expected a whole number from ${min} to ${max}`;
  return z.string().regex(/^\d+$/, error).transform(Number).pipe(z.number().min(min, error).max(max, error));
}

/** Absolute paths, separated as those of PATH are. */
function absolutePaths() {
  const error = `expected absolute paths separated by "${path.delimiter}"`;
  return z
    .string()
    .transform((text) => text.split(path.delimiter))
    .refine((paths) => paths.every((each) => path.isAbsolute(each)), error);
}

/** KEY=VALUE, separated by commas. */
function labels() {
  const LABEL = /^([^=,]{1,63})=([^,]{0,255})$/;
  const error = 'expected KEY=VALUE,KEY=VALUE with keys of 1 to 63 characters and values of at most 255';
  return z
    .string()
    .refine((text) => text.split(',').every((label) => LABEL.test(label)), error)
    .transform((text): Record<string, string> => Object.fromEntries(text.split(',').map(keyAndValue)));
}

function keyAndValue(label: string): [string, string] {
  const at = label.indexOf('=');
  return [label.slice(0, at), label.slice(at + 1)];
}

function queueNames() {
  const error = `expected one of ${WORKER_QUEUES.join(', ')}, or several separated by commas`;
  return z
    .string()
    .transform((text) => [...new Set(text.split(','))])
    .pipe(z.array(z.enum(WORKER_QUEUES, { error })));
}

function urlWithScheme(schemes: readonly string[]) {
  const isUrl = (text: string) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1));
  return z.string().refine(isUrl, `expected a URL that starts with ${schemes.join(':// or ')}://`);
}
