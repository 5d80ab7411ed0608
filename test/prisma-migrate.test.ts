import { spawnSync } from 'node:child_process';
import path from 'node:path';

// `npm run check` runs its real work: `check` on the schema and migrations of this repository.

function migrate(...args: string[]) {
  const tool = path.join(import.meta.dirname, '..', 'tools', 'prisma-migrate.mjs');
  return spawnSync(process.execPath, [tool, ...args], { encoding: 'utf8', cwd: '/' });
}

test('says how it is used', () => {
  const { status, stdout } = migrate('--help');
  expect(status).toBe(0);
  expect(stdout).toMatch(/Usage: npm run migrate -- COMMAND[^]*create NAME[^]*check/);
});

test.each([
  [[], 'expected "create NAME" or "check", got ""'],
  [['deploy'], 'expected "create NAME" or "check", got "deploy"'],
  [['create'], 'expected "create NAME" or "check", got "create"'],
  [['create', 'Bad Name'], 'NAME is "Bad Name", expected a-z, 0-9 and "_"'],
  [['check', '--fix'], "Unknown option '--fix'"],
])('refuses %j', (args, message) => {
  const { status, stderr } = migrate(...args);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
});
