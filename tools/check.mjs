// Runs every check, says what each one found, and fails when any of them failed.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { alone } from './build/build-lock.mjs';
import { generateClient } from './build/generate-client.mjs';
import { BUILD_LOCK, ROOT } from './build/run-tool.mjs';

const HELP = `Usage: npm run check [-- NAME...]

Runs all checks, or those named: format, lint, types, imports, dead-code, migrations.
`;

const FOLDERS = ['apps', 'libs', 'bench', 'test', 'tools'];

const CHECKS = [
  { name: 'format', bin: 'prettier', args: ['--check', '--log-level', 'warn', '.'] },
  { name: 'lint', bin: 'eslint', args: ['.'] },
  { name: 'types', bin: 'tsc', args: ['-p', 'tsconfig.json', '--noEmit'] },
  {
    name: 'imports',
    bin: 'depcruise',
    args: ['--config', '.dependency-cruiser.cjs', ...FOLDERS.slice(0, 4)],
  },
  { name: 'dead-code', bin: 'knip', args: [] },
  { name: 'migrations', script: 'tools/prisma-migrate.mjs', args: ['check'] },
];

const names = process.argv.slice(2);
const unknown = names.filter((name) => name !== '--help' && !CHECKS.some((check) => check.name === name));

if (names.includes('--help')) {
  process.stdout.write(HELP);
} else if (unknown.length > 0) {
  process.stderr.write(`there is no check "${unknown.join('", "')}"\n\n${HELP}`);
  process.exitCode = 2;
} else {
  process.exitCode = await main(CHECKS.filter((check) => names.length === 0 || names.includes(check.name)));
}

async function main(checks) {
  const generated = await generate();
  const verdicts = generated.passed ? checks.map(run) : [generated];
  const failed = verdicts.filter((verdict) => !verdict.passed).length;
  process.stdout.write(`\n${verdicts.length - failed} checks passed, ${failed} failed\n`);
  return failed > 0 ? 1 : 0;
}

/** Types of the database client are generated; without them nothing else can be judged. */
async function generate() {
  try {
    await alone(BUILD_LOCK, generateClient);
    return { name: 'generate', passed: true };
  } catch (error) {
    process.stdout.write(`FAILED generate\n${error.message}\n`);
    return { name: 'generate', passed: false };
  }
}

function run({ name, bin, script, args }) {
  const began = performance.now();
  const file = script ? path.join(ROOT, script) : binaryOf(bin);
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [file, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const passed = status === 0;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stdout.write(`${passed ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`);
  if (!passed) process.stdout.write(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}\n`);
  return { name, passed };
}

/** The JavaScript file behind a command of node_modules/.bin. */
function binaryOf(name) {
  return fs.realpathSync(path.join(ROOT, 'node_modules', '.bin', name));
}
