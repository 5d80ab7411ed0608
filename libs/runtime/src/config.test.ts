import path from 'node:path';
import { childEnvironment, ConfigError, readConfig } from './config.js';

const KEY = `iso_${'k'.repeat(32)}`;

test('an empty environment gives one machine with everything embedded', () => {
  expect(readConfig({})).toEqual({
    databaseUrl: undefined,
    redisUrl: undefined,
    artifactsUrl: undefined,
    dataDir: path.resolve('var'),
    host: '127.0.0.1',
    port: 0,
    logLevel: 'info',
    workerConcurrency: 1,
    workerLabels: {},
    drainMs: 20_000,
    datasetCacheBytes: 20 * 2 ** 30,
    modelRetentionMs: 30 * 24 * 3_600_000,
    artifactGraceMs: 24 * 3_600_000,
    webhookAllowPrivateAddresses: true,
    metricsPort: undefined,
    metricsToken: undefined,
    tracing: false,
    datasetRoots: [path.resolve('var/datasets')],
    rateLimitPerMinute: 6000,
    signingKeyFile: undefined,
    trustedProxies: undefined,
    apiKey: undefined,
    mlflow: undefined,
  });
});

test.each([
  [{}, undefined],
  [{ MLFLOW_TRACKING_TOKEN: 'secret' }, 'Bearer secret'],
  [{ MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'b:c' }, 'Basic YWRhOmI6Yw=='],
  [{ MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_TOKEN: 'secret' }, 'Bearer secret'],
  [{ MLFLOW_TRACKING_URI: 'https://ada:b%3Ac@mlflow.example/base/' }, 'Basic YWRhOmI6Yw=='],
])('logs jobs to MLflow with the credentials of %j', (changes, authorization) => {
  const env = { MLFLOW_TRACKING_URI: 'https://mlflow.example/base/', ...changes };
  expect(readConfig(env).mlflow).toEqual({
    ...{ url: 'https://mlflow.example/base', authorization },
    ...{ experimentName: undefined, teamId: undefined },
  });
});

test.each([
  [{ HOST: 'localhost' }, true],
  [{ HOST: '0.0.0.0' }, false],
  [{ HOST: '0.0.0.0', WEBHOOK_ALLOW_PRIVATE_ADDRESSES: 'true' }, true],
  [{ WEBHOOK_ALLOW_PRIVATE_ADDRESSES: 'false' }, false],
])('posts webhooks to private addresses where it is told to, or listens on loopback: %j', (env, allowed) => {
  expect(readConfig(env).webhookAllowPrivateAddresses).toBe(allowed);
});

test('empty variables count as not set', () => {
  expect(readConfig({ DATABASE_URL: '', PORT: '', LOG_LEVEL: '' })).toEqual(readConfig({}));
});

test('reads what is set', () => {
  const config = readConfig({
    DATABASE_URL: 'postgresql://db/isochron',
    REDIS_URL: 'rediss://cache:6380',
    ARTIFACTS_URL: 'file:///srv/artifacts',
    DATA_DIR: '/srv/isochron',
    PORT: '8080',
    WORKER_CONCURRENCY: '3',
    DATASET_CACHE_GIB: '2',
    METRICS_PORT: '9464',
    METRICS_TOKEN: 'a-token-of-some-length',
    DATASET_ROOTS: '/data/a:/data/b',
    RATE_LIMIT_PER_MINUTE: '0',
    ISOCHRON_API_KEY: KEY,
  });
  expect(config).toMatchObject({
    databaseUrl: 'postgresql://db/isochron',
    redisUrl: 'rediss://cache:6380',
    artifactsUrl: 'file:///srv/artifacts',
    dataDir: path.resolve('/srv/isochron'),
    port: 8080,
    workerConcurrency: 3,
    datasetCacheBytes: 2 ** 31,
    metricsPort: 9464,
    metricsToken: 'a-token-of-some-length',
    datasetRoots: ['/data/a', '/data/b'],
    rateLimitPerMinute: 0,
    apiKey: KEY,
  });
});

test.each([
  [{ PORT: '80a' }, 'PORT="80a": expected a whole number from 0 to 65535'],
  [{ PORT: '65536' }, 'PORT="65536": expected a whole number from 0 to 65535'],
  [{ WORKER_CONCURRENCY: '0' }, 'WORKER_CONCURRENCY="0": expected a whole number from 1 to 64'],
  [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL="loud": expected one of trace, debug, info, warn, error, fatal, silent'],
  [
    { MLFLOW_TRACKING_URI: 'sqlite:///runs.db' },
    'MLFLOW_TRACKING_URI="sqlite:///runs.db": expected a URL that starts with http:// or https://',
  ],
  [{ MLFLOW_TEAM: 'mine' }, 'MLFLOW_TEAM="mine": expected the id of a team'],
  [
    { DATABASE_URL: 'mysql://db' },
    'DATABASE_URL="mysql://db": expected a URL that starts with postgres:// or postgresql://',
  ],
  [{ WEBHOOK_ALLOW_PRIVATE_ADDRESSES: '1' }, 'WEBHOOK_ALLOW_PRIVATE_ADDRESSES="1": expected true or false'],
  [{ DATASET_ROOTS: 'data' }, 'DATASET_ROOTS="data": expected absolute paths separated by ":"'],
  [{ ISOCHRON_API_KEY: 'secret' }, 'ISOCHRON_API_KEY="***": expected an API key: iso_ and 32 characters'],
  [{ REDIS_URL: 'cache' }, 'REDIS_URL="cache": expected a URL that starts with redis:// or rediss://'],
])('names variable, value and what was expected: %j', (env, message) => {
  expect(() => readConfig(env)).toThrow(ConfigError);
  expect(() => readConfig(env)).toThrow(message);
});

test.each([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, true],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }, true],
  [{ OTEL_TRACES_EXPORTER: 'console' }, true],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_TRACES_EXPORTER: 'none' }, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SDK_DISABLED: 'true' }, false],
  [{ OTEL_TRACES_EXPORTER: 'otlp' }, true],
  [{ OTEL_SERVICE_NAME: 'isochron' }, true],
  [{ OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test' }, true],
  [{ OTEL_SERVICE_NAME: 'isochron', OTEL_TRACES_EXPORTER: 'none' }, false],
  [{ OTEL_SERVICE_NAME: 'isochron', OTEL_SDK_DISABLED: 'TRUE' }, false],
  [{ OTEL_SERVICE_NAME: '' }, false],
  [{ OTEL_LOG_LEVEL: 'debug' }, false],
])('traces are on when something says where they go, or whose they are: %j', (env, tracing) => {
  expect(readConfig(env).tracing).toBe(tracing);
});

test('never shows a secret that is too short', () => {
  expect(() => readConfig({ METRICS_TOKEN: 'hunter2' })).toThrow(
    'METRICS_TOKEN="***": expected at least 16 visible ASCII characters',
  );
});

test('tells all bad variables at once', () => {
  expect(() => readConfig({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(/PORT="x".*LOG_LEVEL="y"/);
});

test.each([
  ['mysql://isochron:secret@db/x', 'mysql://***@db/x'],
  ['mysql://isochron:/secret:#?@secret@db/x', 'mysql://***@db/x'],
  ['postgres://isochron:secret/secret@db:port/x', 'postgres://***@db:port/x'],
  ['isochron:secret//secret@db/x', '***@db/x'],
])('never prints the password of a URL: %s', (url, shown) => {
  const error = (() => {
    try {
      readConfig({ DATABASE_URL: url });
    } catch (e) {
      return e as ConfigError;
    }
    throw new Error('expected a ConfigError');
  })();
  expect(error.message).toContain(`DATABASE_URL="${shown}"`);
  expect(JSON.stringify(error.problems)).not.toContain('secret');
});

test("a child's environment is this one's, with changes", () => {
  process.env.ISOCHRON_TEST_VARIABLE = 'here';
  try {
    expect(childEnvironment({}).ISOCHRON_TEST_VARIABLE).toBe('here');
    expect(childEnvironment({ ISOCHRON_TEST_VARIABLE: undefined })).not.toHaveProperty(
      'ISOCHRON_TEST_VARIABLE',
    );
    expect(childEnvironment({ ISOCHRON_TEST_VARIABLE: 'there' }).ISOCHRON_TEST_VARIABLE).toBe('there');
  } finally {
    delete process.env.ISOCHRON_TEST_VARIABLE;
  }
});

test('reads what a worker is to be', () => {
  const config = readConfig({
    WORKER_NAME: 'rack-1',
    WORKER_LABELS: 'gpu=h200,note=a=b,empty=',
    WORKER_QUEUES: 'train.gpu,light',
    WORKER_TEAM: '11111111-1111-4111-8111-111111111111',
  });
  expect(config).toMatchObject({
    workerName: 'rack-1',
    workerLabels: { gpu: 'h200', note: 'a=b', empty: '' },
    workerQueues: ['train.gpu', 'light'],
    workerTeam: '11111111-1111-4111-8111-111111111111',
  });
});

test.each([
  ['WORKER_NAME', 'two words', /visible ASCII/],
  ['WORKER_LABELS', 'gpu', /KEY=VALUE,KEY=VALUE/],
  ['WORKER_LABELS', 'a=1,,b=2', /KEY=VALUE,KEY=VALUE/],
  ['WORKER_QUEUES', 'train.tpu', /train.gpu, train.cpu, light/],
  ['WORKER_TEAM', 'ours', /id of a team/],
])('%s="%s" is refused', (variable, value, expected) => {
  const problem = { variable, value, expected: expect.stringMatching(expected) };
  expect(() => readConfig({ [variable]: value })).toThrow(expect.objectContaining({ problems: [problem] }));
});
