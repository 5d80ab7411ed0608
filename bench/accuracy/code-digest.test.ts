import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '#testkit';
import { checkCode, codeDigest, digestOfCode } from './code-digest.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
  await write('lib/src/train.ts', 'train();');
  await write('lib/src/ops/add.ts', 'add();');
  await write('bench/perform.ts', 'perform();');
  await write('bench/other.ts', 'other();');
});
afterEach(() => folder.remove());

async function write(file: string, content: string): Promise<void> {
  const whole = path.join(folder.path, file);
  await mkdir(path.dirname(whole), { recursive: true });
  await writeFile(whole, content);
}
const digest = () => digestOfCode(folder.path, ['lib', 'bench/perform.ts']);

describe('a digest of code', () => {
  it.each([
    ["a file's content", () => write('lib/src/ops/add.ts', 'subtract();')],
    ['the content of a file that is named alone', () => write('bench/perform.ts', 'perform(2);')],
    [
      "a file's name",
      () => rename(path.join(folder.path, 'lib/src/train.ts'), path.join(folder.path, 'lib/src/learn.ts')),
    ],
    [
      'the folder of a file',
      () => rename(path.join(folder.path, 'lib/src'), path.join(folder.path, 'lib/s')),
    ],
    ['a new file', () => write('lib/src/new.js', '')],
    ['a file that is gone', () => rm(path.join(folder.path, 'lib/src/train.ts'))],
  ])('changes with %s', async (_what, change) => {
    const before = digest();
    await change();
    expect(digest()).not.toBe(before);
  });

  it.each([
    'lib/src/train.test.ts',
    'lib/src/trees.fixture.ts',
    'lib/src/testing/fake.ts',
    'lib/src/conformance/suite.ts',
    'lib/src/train.js.map',
    'lib/src/train.d.ts',
    'bench/other.ts',
  ])('stays the same with %s', async (file) => {
    const before = digest();
    await write(file, 'changed();');
    expect(digest()).toBe(before);
  });

  it('does not depend on where the code lies, nor on the order of its parts', async () => {
    const before = digest();
    const moved = `${folder.path}-moved`;
    await rename(folder.path, moved);
    try {
      expect(digestOfCode(moved, ['bench/perform.ts', 'lib'])).toBe(before);
    } finally {
      await rename(moved, folder.path);
    }
  });

  it('refuses a part that is not there', () => {
    expect(() => digestOfCode(folder.path, ['libs'])).toThrow('ENOENT');
  });
});

describe("the digest of Isochron's own training code", () => {
  it('is hexadecimal and lets a process with the same code pass', () => {
    expect(codeDigest()).toMatch(/^[0-9a-f]{64}$/);
    expect(() => checkCode(codeDigest())).not.toThrow();
  });

  it('tells a process whose code is another', () => {
    expect(() => checkCode('0'.repeat(64))).toThrow(
      `the code changed since the benchmark began: its digest is ${codeDigest().slice(0, 16)}, expected 0000000000000000;`,
    );
  });
});
