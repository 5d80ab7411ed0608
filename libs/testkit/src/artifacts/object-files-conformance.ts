import { randomUUID } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { ObjectFiles } from '#storage';
import { temporaryFolder } from '../temporary-folder.js';

export interface ObjectFilesHarness {
  readonly files: ObjectFiles;
  /** The same files as another process sees them. */
  readonly other: ObjectFiles;
  close(): Promise<void>;
}

const BAD_KEYS = [
  '',
  '/',
  '/etc/passwd',
  '../outside',
  'a/../../outside',
  'a/..',
  './a',
  'a/./b',
  'a//b',
  'a/',
  '.hidden',
  'a/.hidden',
  'a\\..\\b',
  'a%2e%2e/b',
  'a b',
  'a\0b',
  'a\n',
  'ä',
  'a/b/c/d/e/f/g/h/i',
  'x'.repeat(129),
  Array(8).fill('x'.repeat(100)).join('/'),
];

/** What every store of object files promises. `open` gives an empty one. */
export function objectFilesConformance(name: string, open: () => Promise<ObjectFilesHarness>): void {
  describe(`${name} as object files`, () => {
    let harness: ObjectFilesHarness;
    let files: ObjectFiles;
    let folder: Awaited<ReturnType<typeof temporaryFolder>>;
    beforeEach(async () => {
      harness = await open();
      files = harness.files;
      folder = await temporaryFolder('objects');
    });
    afterEach(async () => {
      await harness.close();
      await folder.remove();
    });

    const local = (name: string) => path.join(folder.path, name);
    const put = async (key: string, content: string, by = files) => {
      const source = local(`source-${randomUUID()}`);
      await writeFile(source, content);
      await by.put(key, source);
    };
    const fetched = async (key: string, by = harness.other) =>
      (await by.fetch(key, local('target'))) ? readFile(local('target'), 'utf8') : undefined;
    const keys = async (prefix: string) => (await harness.other.list(prefix)).map(({ key }) => key);

    test('opens what was put under a key, whole even where it is replaced meanwhile', async () => {
      await put('a/b', 'old');
      const content = await harness.other.open('a/b');
      await put('a/b', 'newer');
      expect(await text(content!)).toBe('old');
      expect(await text((await harness.other.open('a/b'))!)).toBe('newer');
      expect(await files.open('a/c')).toBeUndefined();
      await expect(files.open('../a')).rejects.toMatchObject({ code: 'invalid_request' });
    });

    test('gives back what was put under a key, and the newest of it', async () => {
      await put('checkpoints/job/1-2.safetensors', 'old');
      expect(await fetched('checkpoints/job/1-2.safetensors')).toBe('old');
      await put('checkpoints/job/1-2.safetensors', 'newer');
      expect(await fetched('checkpoints/job/1-2.safetensors')).toBe('newer');
      await put('empty', '');
      expect(await fetched('empty')).toBe('');
    });

    test('says when there is none, and leaves the local file as it was', async () => {
      await writeFile(local('target'), 'before');
      expect(await files.fetch('checkpoints/none', local('target'))).toBe(false);
      expect(await readFile(local('target'), 'utf8')).toBe('before');
    });

    test('fetches into a folder that it makes, and leaves nothing else there', async () => {
      await put('a', 'content');
      expect(await files.fetch('a', local('new/folder/file'))).toBe(true);
      expect(await readdir(local('new/folder'))).toEqual(['file']);
    });

    test('removes a file, and what is not there too', async () => {
      await put('a/b/c', 'content');
      await put('a/d', 'content');
      await files.remove('a/b/c');
      await files.remove('a/b/c');
      expect(await fetched('a/b/c')).toBeUndefined();
      expect(await keys('')).toEqual(['a/d']);
      await put('a/b/c', 'again');
      expect(await fetched('a/b/c')).toBe('again');
    });

    test('lists keys by what they begin with, in order, with size and time', async () => {
      const before = Date.now();
      for (const key of ['jobs/10/b', 'jobs/1/b', 'jobs/1/a', 'other', 'jobs/1-a']) await put(key, key);
      expect(await keys('')).toEqual(['jobs/1-a', 'jobs/1/a', 'jobs/1/b', 'jobs/10/b', 'other']);
      expect(await keys('jobs/1/')).toEqual(['jobs/1/a', 'jobs/1/b']);
      expect(await keys('jobs/1')).toEqual(['jobs/1-a', 'jobs/1/a', 'jobs/1/b', 'jobs/10/b']);
      expect(await keys('jobs/1/b')).toEqual(['jobs/1/b']);
      for (const none of ['nothing/', 'other/', 'jobs/2']) expect(await keys(none)).toEqual([]);
      const [file] = await files.list('other');
      expect(file).toMatchObject({ key: 'other', bytes: 5 });
      expect(Math.abs(file!.modifiedAt.getTime() - before)).toBeLessThan(60_000);
    });

    test('lists more files than fit on one page of a server', async () => {
      await put('many/first', 'content');
      await writeFile(local('source'), 'content');
      const names = Array.from({ length: 1_005 }, (_, i) => `many/${String(i).padStart(4, '0')}`);
      for (let i = 0; i < names.length; i += 50) {
        await Promise.all(names.slice(i, i + 50).map((key) => files.put(key, local('source'))));
      }
      expect(await keys('many/')).toEqual([...names, 'many/first']);
    });

    test('of several that put and fetch at once, each gets one whole content', async () => {
      const contents = ['a', 'b', 'c'].map((letter) => letter.repeat(200_000));
      await put('shared/file', contents[0]!);
      const writing = contents.map(async (content, i) => {
        for (let n = 0; n < 5; n++) await put('shared/file', content, i % 2 ? files : harness.other);
      });
      const reading = ['x', 'y'].map(async (name) => {
        for (let n = 0; n < 10; n++) {
          expect(await files.fetch('shared/file', local(name))).toBe(true);
          expect(contents).toContain(await readFile(local(name), 'utf8'));
        }
      });
      await Promise.all([...writing, ...reading]);
      expect(await keys('')).toEqual(['shared/file']);
    });

    test('puts and removes in one folder at once get in each other’s way', async () => {
      await Promise.all([churn(files, 'a', local('a')), churn(harness.other, 'b', local('b'))]);
      expect(await keys('')).toEqual([]);
    });

    test('leaves nothing of a local file that is not there', async () => {
      await expect(files.put('a/b', local('missing'))).rejects.toMatchObject({ code: 'ENOENT' });
      expect(await keys('')).toEqual([]);
    });

    test.each(BAD_KEYS)('refuses the key %j', async (key) => {
      await writeFile(local('source'), 'content');
      const refused = { code: 'invalid_request', fields: [expect.objectContaining({ field: 'key' })] };
      await expect(files.put(key, local('source'))).rejects.toMatchObject(refused);
      await expect(files.fetch(key, local('target'))).rejects.toMatchObject(refused);
      await expect(files.remove(key)).rejects.toMatchObject(refused);
      expect(await readdir(folder.path)).toEqual(['source']);
    });

    test.each(['..', '../', '/', 'a/../', '.', 'a//'])('refuses to list %j', async (prefix) => {
      const refused = { code: 'invalid_request', fields: [expect.objectContaining({ field: 'prefix' })] };
      await expect(files.list(prefix)).rejects.toMatchObject(refused);
    });
  });
}

/** Puts and removes a file in one folder, again and again. */
async function churn(files: ObjectFiles, name: string, source: string): Promise<void> {
  await writeFile(source, name);
  for (let n = 0; n < 20; n++) {
    await files.put(`churn/job/${name}`, source);
    await files.remove(`churn/job/${name}`);
  }
}
