import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');

/** A planted file, what it imports, and the rule that must refuse it. */
const VIOLATIONS = [
  ['libs/network/src/a.ts', '#graph', 'network-imports-only-what-it-may'],
  ['libs/graph/src/a.ts', '#engine', 'graph-imports-only-what-it-may'],
  ['libs/pruning/src/a.ts', '#onnx', 'pruning-imports-only-what-it-may'],
  ['libs/pruning/src/b.ts', '#engine', 'pruning-knows-engine-as-an-interface'],
  ['libs/jobs/src/a.ts', '#storage', 'jobs-imports-only-what-it-may'],
  ['libs/devices/src/a.ts', '#jobs', 'devices-imports-only-what-it-may'],
  ['libs/webhooks/src/a.ts', '#jobs', 'webhooks-imports-only-what-it-may'],
  ['libs/storage/src/a.ts', '#queue', 'storage-imports-only-what-it-may'],
  ['libs/runtime/src/a.ts', '../../../apps/api/src/main.js', 'libs-never-import-apps'],
  ['libs/newcomer/src/a.ts', '#contracts', 'known-libs-only'],
  ['apps/api/src/a.ts', '../../worker/src/main.js', 'apps-never-import-apps'],
  ['apps/api/src/b.ts', '../../../libs/jobs/src/inner.js', 'public-surface-only'],
  ['apps/api/src/c.ts', '#testkit', 'testkit-in-tests-only'],
  ['apps/api/src/d.ts', '@prisma/client', 'prisma-only-in-storage'],
  ['apps/launcher/src/a.ts', 'pg', 'pg-only-in-storage-and-queue'],
  ['libs/access/src/a.ts', '#devices', 'access-imports-only-what-it-may'],
  ['libs/mlflow/src/a.ts', '#registry', 'mlflow-imports-only-what-it-may'],
  ['libs/storage/src/b.ts', 'bullmq', 'bullmq-only-in-queue'],
  ['apps/worker/src/a.ts', '@aws-sdk/client-s3', 'aws-only-in-storage'],
  ['apps/worker/src/e.ts', 'prom-client', 'telemetry-has-the-exporters'],
  ['libs/telemetry/src/a.ts', '#storage', 'telemetry-imports-only-what-it-may'],
  ['apps/api/src/e.ts', 'ioredis', 'redis-only-in-queue-and-rate-limits'],
  ['libs/runtime/src/b.ts', '@nestjs/common', 'nest-only-in-api-and-worker'],
  ['libs/bundle/src/a.ts', 'node:fs', 'numeric-libs-are-pure'],
  ['libs/bundle/src/b.ts', 'pino', 'numeric-libs-are-pure'],
  ['libs/jobs/src/b.ts', 'node:http', 'domain-knows-no-infrastructure'],
  ['libs/webhooks/src/b.ts', 'node:http', 'domain-knows-no-infrastructure'],
  ['libs/contracts/src/a.ts', 'rxjs', 'contracts-need-zod-alone'],
  ['apps/agent/src/a.ts', '#network', 'agent-is-light'],
  ['apps/agent/src/b.ts', './missing.js', 'no-unresolved'],
] as const;

const ALLOWED = [
  ['libs/bundle/src/ok.ts', '#pruning'],
  ['libs/storage/src/ok.ts', '@prisma/client'],
  ['libs/queue/src/ok.ts', 'pg'],
  ['apps/api/src/ok.ts', '#jobs'],
  ['apps/agent/src/ok.ts', '#edge'],
  ['libs/jobs/src/ok.test.ts', '#testkit'],
] as const;

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

/** A tree with an index.ts and an inner file in every lib, a main.ts in every app, and the given imports. */
function plant(files: readonly (readonly [string, string, ...unknown[]])[]): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'isochron-imports-'));
  const write = (file: string, text: string) => {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), text);
  };
  for (const file of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs']) {
    fs.copyFileSync(path.join(ROOT, file), path.join(folder, file));
  }
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  for (const lib of fs.readdirSync(path.join(ROOT, 'libs'))) {
    write(`libs/${lib}/src/index.ts`, 'export {};\n');
    write(`libs/${lib}/src/inner.ts`, 'export {};\n');
  }
  for (const app of ['api', 'worker', 'agent', 'launcher']) write(`apps/${app}/src/main.ts`, 'export {};\n');
  for (const [file, imported] of files) write(file, `import '${imported}';\n`);
  return folder;
}

function violationsIn(folder: string): Violation[] {
  const bin = fs.realpathSync(path.join(ROOT, 'node_modules/.bin/depcruise'));
  const config = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
  const { stdout, stderr } = spawnSync(process.execPath, [bin, ...config, 'apps', 'libs'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (!stdout.startsWith('{')) throw new Error(stderr);
  return (JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations;
}

describe('the import rules', () => {
  const folder = plant([...VIOLATIONS, ...ALLOWED]);
  const found = violationsIn(folder);
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  test.each(VIOLATIONS)('refuse %s importing %s: %s', (file, _imported, rule) => {
    expect(found.filter((v) => v.from === file).map((v) => v.rule.name)).toContain(rule);
  });

  test.each(ALLOWED)('allow %s importing %s', (file) => {
    expect(found.filter((v) => v.from === file)).toEqual([]);
  });
});
