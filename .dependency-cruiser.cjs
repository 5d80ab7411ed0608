// Who may import whom (docs/architecture.md). A lib that is not listed may import no other lib.
const MAY_IMPORT = {
  network: [],
  calibration: [],
  graph: ['network'],
  onnx: ['graph', 'network'],
  datasets: ['graph', 'network'],
  engine: ['onnx', 'graph', 'network'],
  pruning: ['graph', 'network', 'engine'],
  bundle: ['onnx', 'graph', 'network', 'pruning'],
  edge: ['bundle', 'calibration', 'runtime'],
  contracts: [],
  pages: [],
  jobs: ['contracts'],
  devices: ['contracts'],
  registry: ['contracts'],
  webhooks: ['contracts'],
  access: ['contracts'],
  mlflow: ['contracts'],
  storage: ['jobs', 'devices', 'registry', 'webhooks', 'access', 'mlflow', 'contracts', 'runtime'],
  queue: ['jobs', 'devices', 'registry', 'contracts', 'runtime'],
  runtime: [],
  telemetry: ['runtime'],
  // The one place that joins the domains' services with the parts that fill their ports.
  service: [
    'jobs',
    'devices',
    'registry',
    'access',
    'contracts',
    'storage',
    'network',
    'pruning',
    'bundle',
    'calibration',
    'runtime',
  ],
};

/** Plain algorithms: no clock, logger, file or network. */
const NUMERIC = '^libs/(network|calibration|graph|onnx|pruning|bundle)/';
const NODE_IO =
  '^(node:)?(fs|net|http|https|http2|tls|dgram|dns|child_process|worker_threads|cluster|process)(/|$)';
const TESTS = '\\.test\\.ts$|\\.fixture\\.ts$|/src/testing/';
const anyOf = (names) => `^libs/(${names.join('|')})/`;
const npm = (...names) => `node_modules/(${names.join('|')})/`;

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const allowLists = Object.entries(MAY_IMPORT).map(([lib, allowed]) =>
  forbid(
    `${lib}-imports-only-what-it-may`,
    `${lib} may import ${allowed.join(', ') || 'no other lib'}`,
    { path: `^libs/${lib}/`, pathNot: TESTS },
    { path: '^(libs|apps|bench|test)/', pathNot: anyOf([lib, ...allowed]) },
  ),
);

module.exports = {
  forbidden: [
    ...allowLists,
    forbid(
      'no-cycles',
      'files that need each other are one file; but the gradient of an op uses ops whose gradients use it',
      { pathNot: '^libs/graph/src/ops/' },
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    forbid('no-unresolved', 'every import leads somewhere', {}, { couldNotResolve: true }),
    forbid(
      'known-libs-only',
      'a new lib needs an entry in MAY_IMPORT',
      { path: '^libs/', pathNot: `${anyOf([...Object.keys(MAY_IMPORT), 'testkit'])}|${TESTS}` },
      { path: '^libs/' },
    ),
    forbid('libs-never-import-apps', 'apps are at the top', { path: '^libs/' }, { path: '^(apps|bench)/' }),
    forbid(
      'apps-never-import-apps',
      'apps meet over HTTP and the queue',
      { path: '^apps/([^/]+)/' },
      { path: '^apps/', pathNot: '^apps/$1/' },
    ),
    forbid(
      'public-surface-only',
      'other libs are reached through their index.ts',
      { path: '^(apps|libs|bench|test)/([^/]+)/' },
      { path: '^libs/([^/]+)/src/', pathNot: '^libs/($2|testkit)/|^libs/[^/]+/src/index\\.ts$' },
    ),
    forbid(
      'testkit-in-tests-only',
      'fakes have no place in production',
      { pathNot: `${TESTS}|^libs/testkit/|^test/` },
      { path: '^libs/testkit/' },
    ),
    forbid(
      'prisma-only-in-storage',
      'the database is reached through repositories',
      { path: '^(apps|libs|bench|test)/', pathNot: '^libs/(storage|testkit)/' },
      { path: `${npm('@prisma', 'prisma')}|^libs/storage/src/generated/` },
    ),
    forbid(
      'pg-only-in-storage-and-queue',
      'SQL lives in storage; queue hands connections to BullMQ',
      {
        path: '^(apps|libs|bench|test)/',
        pathNot: '^libs/(storage|queue|testkit)/|^bench/service/bare-server',
      },
      { path: npm('pg', '@types/pg') },
    ),
    forbid(
      'bullmq-only-in-queue',
      'the queue is behind its port',
      { path: '^(apps|libs|bench)/', pathNot: `^libs/(queue|testkit)/|${TESTS}` },
      { path: npm('bullmq') },
    ),
    forbid(
      'redis-only-in-queue-and-rate-limits',
      'what is kept lies in the database',
      {
        path: '^(apps|libs|bench)/',
        pathNot: `^libs/(queue|testkit)/|^apps/api/src/rate-limits/|${TESTS}`,
      },
      { path: npm('ioredis') },
    ),
    forbid(
      'aws-only-in-storage',
      'artifacts are behind their port',
      { path: '^(apps|libs|bench)/', pathNot: `^libs/(storage|testkit)/|${TESTS}` },
      { path: npm('@aws-sdk', '@smithy') },
    ),
    forbid(
      'telemetry-has-the-exporters',
      'whoever measures or traces does so by what telemetry offers',
      { path: '^(apps|libs|bench)/', pathNot: `^libs/telemetry/|${TESTS}` },
      { path: npm('prom-client', '@opentelemetry') },
    ),
    forbid(
      'nest-only-in-api-and-worker',
      'libs are plain classes',
      { pathNot: '^apps/(api|worker)/' },
      { path: npm('@nestjs') },
    ),
    forbid(
      'numeric-libs-are-pure',
      'they take options, tensors, a generator and an AbortSignal',
      { path: NUMERIC, pathNot: TESTS },
      { path: `${NODE_IO}|${npm('pino', 'zod', 'pg', 'commander', 'bullmq', 'ioredis', '@nestjs')}` },
    ),
    forbid(
      'domain-knows-no-infrastructure',
      'jobs, devices, registry, webhooks, access and mlflow reach the world through ports',
      { path: '^libs/(jobs|devices|registry|webhooks|access|mlflow|contracts)/', pathNot: TESTS },
      { path: `${NODE_IO}|${npm('pino', 'pg', '@prisma', 'bullmq', 'ioredis', '@nestjs', 'express')}` },
    ),
    forbid(
      'pruning-knows-engine-as-an-interface',
      'which executor runs a graph is for its caller to choose',
      { path: '^libs/pruning/', pathNot: TESTS },
      { path: '^libs/engine/', dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'contracts-need-zod-alone',
      'contracts are what every process shares',
      { path: '^libs/contracts/', pathNot: TESTS },
      { path: 'node_modules/', pathNot: npm('zod') },
    ),
    forbid(
      'agent-is-light',
      'it is installed on small devices by itself',
      { path: '^apps/agent/', pathNot: TESTS },
      { path: `^libs/(?!edge/|contracts/|runtime/)|${npm('@nestjs', '@prisma', 'pg', 'bullmq', 'ioredis')}` },
    ),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: ['node_modules', '^libs/storage/src/generated'] },
    exclude: { path: '^(dist|var)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
      mainFields: ['module', 'main', 'types'],
      extensions: ['.ts', '.mts', '.d.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
