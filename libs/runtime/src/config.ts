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
  /** Where artifacts are stored: a directory, or a file: URL; without it `artifacts` in the data directory. */
  readonly artifactsUrl: string | undefined;
  /** Absolute directory of everything this machine keeps. */
  readonly dataDir: string;
  readonly host: string;
  /** TCP port of the API; 0 takes a free one. */
  readonly port: number;
  readonly logLevel: LogLevel;
  /** Jobs that a worker trains at once. */
  readonly workerConcurrency: number;
  /** Bytes of datasets that a worker keeps on its disk; those used least recently go when there are more. */
  readonly datasetCacheBytes: number;
  /** Absolute folders below which requests may name datasets by path. */
  readonly datasetRoots: readonly string[];
  /** Requests that a key, or an address without one, may make in a minute; 0 for any number. */
  readonly rateLimitPerMinute: number;
  /** Addresses of proxies in front of the API whose X-Forwarded-For is believed. */
  readonly trustedProxies: string | undefined;
  /** What a client calls the API with. */
  readonly apiKey: string | undefined;
}

const API_KEY = /^iso_[A-Za-z0-9_-]{32}$/;
/** Variables whose value is shown nowhere. */
const SECRETS = new Set(['ISOCHRON_API_KEY']);

const Variables = z.object({
  DATABASE_URL: urlWithScheme(['postgres', 'postgresql']).optional(),
  REDIS_URL: urlWithScheme(['redis', 'rediss']).optional(),
  ARTIFACTS_URL: z.string().optional(),
  DATA_DIR: z.string().default('var'),
  HOST: z.string().default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(0),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `expected one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  WORKER_CONCURRENCY: wholeNumber(1, 64).default(1),
  DATASET_CACHE_GIB: wholeNumber(0, 1_000_000).default(20),
  DATASET_ROOTS: absolutePaths().optional(),
  RATE_LIMIT_PER_MINUTE: wholeNumber(0, 1_000_000_000).default(6000),
  TRUSTED_PROXIES: z.string().optional(),
  ISOCHRON_API_KEY: z.string().regex(API_KEY, 'expected an API key: iso_ and 32 characters').optional(),
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
    datasetCacheBytes: v.DATASET_CACHE_GIB * 2 ** 30,
    datasetRoots: v.DATASET_ROOTS ?? [path.join(dataDir, 'datasets')],
    rateLimitPerMinute: v.RATE_LIMIT_PER_MINUTE,
    trustedProxies: v.TRUSTED_PROXIES,
    apiKey: v.ISOCHRON_API_KEY,
  };
}

/** The environment for a child process: this one's with some variables replaced, or removed where `undefined`. */
export function childEnvironment(changes: Environment): Record<string, string> {
  const merged = Object.entries({ ...process.env, ...changes });
  return Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== undefined));
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

function urlWithScheme(schemes: readonly string[]) {
  const isUrl = (text: string) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1));
  return z.string().refine(isUrl, `expected a URL that starts with ${schemes.join(':// or ')}://`);
}
