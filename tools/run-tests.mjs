// Runs the tests with what they need, and closes with one plain line: N passed, N failed, N skipped.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const HELP = `Usage: npm test [-- ARGUMENTS FOR JEST]
       npm run test:slow [-- ARGUMENTS FOR JEST]
       npm run test:full [-- ARGUMENTS FOR JEST]

npm test runs what takes seconds. npm run test:slow runs the suites that it leaves out, *.slow.test.ts; npm run test:full runs
both and test/full, which takes hours of CPU. npm run test:webgpu runs test/webgpu.

Examples:
  npm test -- libs/pruning            the tests in a folder
  npm test -- -t "requeues a job"     the tests with a name
`;

const ROOT = path.resolve(import.meta.dirname, '..');
/** Given by the scripts of package.json. */
const SCOPES = ['--slow', '--full', '--webgpu'];
const given = process.argv.slice(2);

if (given.includes('--help')) {
  process.stdout.write(HELP);
} else {
  process.exitCode = await run(given);
}

async function run(args) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'isochron-jest-'));
  const outputFile = path.join(folder, 'results.json');
  try {
    const passedOn = args.filter((argument) => !SCOPES.includes(argument));
    // The list of ignored paths would swallow patterns that follow it.
    const code = await jest([...passedOn, '--json', `--outputFile=${outputFile}`, ...scopeOf(args)]);
    return summarise(outputFile, code);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Jest's arguments for the tests that a script is for. */
function scopeOf(args) {
  if (args.includes('--webgpu')) return ['--roots', path.join(ROOT, 'test/webgpu')];
  const ignored = ['/node_modules/', '/test/webgpu/'];
  if (!args.includes('--full')) ignored.push('/test/full/');
  if (args.includes('--slow')) ignored.push('(?<!\\.slow)\\.test\\.ts$');
  else if (!args.includes('--full')) ignored.push('\\.slow\\.test\\.ts$');
  return ['--testPathIgnorePatterns', ...ignored];
}

function jest(args) {
  const bin = path.join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
  const nodeOptions = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...nodeOptions, bin, ...args], {
    cwd: ROOT,
    // The results go to the file; standard output, where --json would print them, is not needed.
    stdio: ['inherit', 'ignore', 'inherit'],
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal ? 1 : code));
  });
}

function summarise(outputFile, code) {
  if (!fs.existsSync(outputFile)) {
    process.stdout.write('the tests did not run to their end\n');
    return code || 1;
  }
  const results = JSON.parse(fs.readFileSync(outputFile, 'utf8'));
  // A test file that cannot be loaded has no tests that could fail: it counts as one.
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  const skipped = results.numPendingTests + results.numTodoTests;
  for (const line of failuresIn(results)) process.stdout.write(`${line}\n`);
  process.stdout.write(`${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`);
  return code || (failed > 0 ? 1 : 0);
}

/** Every failure once more, in short: in the midst of thousands of lines nobody finds it. */
function failuresIn({ testResults }) {
  return testResults
    .filter(({ status }) => status === 'failed')
    .flatMap(({ name, message, assertionResults }) => {
      const file = path.relative(ROOT, name);
      const failed = assertionResults.filter(({ status }) => status === 'failed');
      if (failed.length === 0) return [`FAILED ${file}`, ...beginningOf(message)];
      return failed.flatMap(({ fullName, failureMessages }) => [
        `FAILED ${file} > ${fullName}`,
        ...beginningOf(failureMessages.join('\n')),
      ]);
    });
}

function beginningOf(message) {
  return message
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 12)
    .map((line) => `  ${line}`);
}
