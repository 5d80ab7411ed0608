import { spawnSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '#testkit';

const MODULE = path.resolve(import.meta.dirname, '../tools/build/code-digest.mjs');
/** A build that does nothing, or fails. */
const BUILD = `
  import { namingCode } from ${JSON.stringify(MODULE)};
  const [root, fails] = process.argv.slice(1);
  namingCode(root, root + '/build.json', () => { if (fails) throw new Error('does not compile'); });
`;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder('code-digest');
  await write('prisma/schema.prisma', 'model Job {}');
  await write('apps/api/src/main.ts', 'start();');
  await write('libs/runtime/src/index.ts', 'export {};');
});
afterEach(() => folder.remove());

async function write(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(folder.path, file)), { recursive: true });
  await writeFile(path.join(folder.path, file), text);
}

function build(...args: string[]): number | null {
  return spawnSync(process.execPath, ['--input-type=module', '-e', BUILD, folder.path, ...args]).status;
}

async function named(): Promise<string> {
  expect(build()).toBe(0);
  const { code } = JSON.parse(await readFile(path.join(folder.path, 'build.json'), 'utf8')) as {
    code: string;
  };
  expect(code).toMatch(/^[0-9a-f]{12}$/);
  return code;
}

test.each([
  ['a changed source', () => write('apps/api/src/main.ts', 'start( );')],
  ['a further source', () => write('libs/graph/src/index.ts', '')],
  ['a renamed source', () => rename('libs/runtime/src/index.ts', 'libs/runtime/src/other.ts')],
  ['another database', () => write('prisma/schema.prisma', 'model Task {}')],
])('%s is other code', async (_, change) => {
  const before = await named();
  expect(await named()).toBe(before);
  await change();
  expect(await named()).not.toBe(before);
});

async function rename(from: string, to: string): Promise<void> {
  const text = await readFile(path.join(folder.path, from), 'utf8');
  await rm(path.join(folder.path, from));
  await write(to, text);
}

test.each([
  'apps/api/src/main.test.ts',
  'apps/api/src/testing/test-api.ts',
  'libs/jobs/src/job.fixture.ts',
  'libs/testkit/src/index.ts',
  'libs/storage/src/generated/client.ts',
  'docs/jobs.md',
])('%s is no part of the code: a checkout and an image name the same', async (file) => {
  const before = await named();
  await write(file, 'x');
  expect(await named()).toBe(before);
});

test('a build that fails names no code, unless it is the one that was built before', async () => {
  const before = await named();
  expect(build('fails')).toBe(1);
  expect(await named()).toBe(before);
  await write('apps/api/src/main.ts', 'start(');
  expect(build('fails')).toBe(1);
  await expect(readFile(path.join(folder.path, 'build.json'))).rejects.toMatchObject({ code: 'ENOENT' });
});
