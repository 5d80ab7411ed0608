import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { JobCheckpoint } from '#contracts';
import { openStorage, type Storage } from '#storage';
import { aJob, anActor, temporaryFolder, testStorage, type TestStorage } from '#testkit';
import { checkpointFiles } from './checkpoint-files.js';
import { CheckpointMirror, dropCheckpoints } from './checkpoint-mirror.js';

type ObjectFiles = Storage['objectFiles'];

let kept: TestStorage;
let folder: { path: string; remove(): Promise<void> };
let files: ObjectFiles;
beforeAll(async () => {
  kept = await testStorage();
  files = kept.storage.objectFiles;
});
afterAll(() => kept.close());
beforeEach(async () => void (folder = await temporaryFolder('mirror')));
afterEach(() => folder.remove());

const NOW = new Date('2030-01-01T00:00:00.000Z');
const job = () => aJob(anActor(), { state: 'running' });

/** A machine on which an attempt of a job is at work, with the checkpoint that the job has. */
function aMachine(of: ReturnType<typeof job>, attempt: number, objectFiles = files) {
  const local = path.join(folder.path, `machine-${attempt}`);
  const stage = { job: of, attempt };
  const mirror = new CheckpointMirror({ files: objectFiles, folder: local, stage, now: () => NOW });
  const write = async (name: string, content: string) => {
    await mkdir(path.dirname(path.join(local, name)), { recursive: true });
    await writeFile(path.join(local, name), content);
  };
  const read = (name: string) => readFile(path.join(local, name), 'utf8');
  const remove = (name: string) => rm(path.join(local, name));
  return { mirror, write, read, remove, local, there: () => checkpointFiles(local) };
}

const keysOf = async (id: string) => (await files.list(`checkpoints/${id}/`)).map(({ key }) => key);
const keysIn = (checkpoint: JobCheckpoint | undefined) => checkpoint!.files.map(({ key }) => key);

test('what one machine puts there another one goes on from, in folders too', async () => {
  const of = job();
  const first = aMachine(of, 1);
  await first.write('00000001.safetensors', 'one');
  await first.write('comparison/dense/result.json', '{}');
  const checkpoint = (await first.mirror.upload(await first.there()))!;
  expect(checkpoint).toEqual({
    ...{ attempt: 1, savedAt: NOW.toISOString() },
    files: [
      { path: '00000001.safetensors', bytes: 3, key: `checkpoints/${of.id}/1/2-00000001.safetensors` },
      { path: 'comparison/dense/result.json', bytes: 2, key: `checkpoints/${of.id}/1/1-result.json` },
    ],
  });
  expect(await readdir(first.local)).not.toContain('.uploading');

  const second = aMachine({ ...of, checkpoint }, 2);
  await second.mirror.restore();
  expect(await second.there()).toEqual(await first.there());
  expect(await second.read('00000001.safetensors')).toBe('one');
});

test('uploads what is new alone: neither what it has uploaded nor what it fetched, but what was written anew', async () => {
  const of = job();
  const put: string[] = [];
  const counting: ObjectFiles = {
    ...{
      fetch: files.fetch.bind(files),
      list: files.list.bind(files),
      remove: files.remove.bind(files),
      open: files.open.bind(files),
    },
    put: (key, file) => {
      put.push(key);
      return files.put(key, file);
    },
  };
  const first = aMachine(of, 1, counting);
  await first.write('00000001.safetensors', 'one');
  await first.mirror.upload(await first.there());
  await first.write('00000002.safetensors', 'two');
  const checkpoint = (await first.mirror.upload(await first.there()))!;
  expect(put).toEqual(keysIn(checkpoint));

  const second = aMachine({ ...of, checkpoint }, 2, counting);
  await second.mirror.restore();
  await second.write('00000002.safetensors', 'another');
  await second.write('00000003.safetensors', 'three');
  const next = (await second.mirror.upload(await second.there()))!;
  expect(put.slice(2).sort()).toEqual(keysIn(next).slice(1).sort());
  expect(keysIn(next)).toEqual([
    `checkpoints/${of.id}/1/1-00000001.safetensors`,
    `checkpoints/${of.id}/2/2-00000002.safetensors`,
    `checkpoints/${of.id}/2/1-00000003.safetensors`,
  ]);
});

test('what vanished because newer ones came is left out, unless it is the newest', async () => {
  const of = job();
  const { mirror, write, remove, there } = aMachine(of, 1);
  await write('00000001.safetensors', 'one');
  await write('comparison/dense/00000001.safetensors', 'other');
  const checkpoint = await mirror.upload(await there());
  await write('00000002.safetensors', 'two');
  const listed = await there();
  await remove('00000001.safetensors');
  const next = await mirror.upload(listed);
  expect(next!.files.map((file) => file.path)).toEqual([
    '00000002.safetensors',
    'comparison/dense/00000001.safetensors',
  ]);
  await remove('00000002.safetensors');
  expect(await mirror.upload(listed)).toBeUndefined();
  const keys = await keysOf(of.id);
  expect(keys).toEqual(expect.arrayContaining([...keysIn(checkpoint), ...keysIn(next)]));
});

test('a file that training removes while it is uploaded is uploaded all the same', async () => {
  const of = job();
  const removing: ObjectFiles = {
    ...{
      fetch: files.fetch.bind(files),
      list: files.list.bind(files),
      remove: files.remove.bind(files),
      open: files.open.bind(files),
    },
    put: async (key, file) => {
      await remove('00000001.safetensors');
      await files.put(key, file);
    },
  };
  const { mirror, write, remove, there } = aMachine(of, 1, removing);
  await write('00000001.safetensors', 'one');
  const checkpoint = await mirror.upload(await there());
  const second = aMachine({ ...of, checkpoint }, 2);
  await second.mirror.restore();
  expect(await second.read('00000001.safetensors')).toBe('one');
});

test('drops what a newer checkpoint does not need, but nothing of a later attempt', async () => {
  const of = job();
  const first = aMachine(of, 1);
  await first.write('00000001.safetensors', 'one');
  await first.write('00000002.safetensors', 'two');
  await first.mirror.upload(await first.there());
  await first.remove('00000001.safetensors');
  const checkpoint = (await first.mirror.upload(await first.there()))!;

  const second = aMachine({ ...of, checkpoint }, 2);
  await second.mirror.restore();
  await second.write('00000003.safetensors', 'three');
  const newer = (await second.mirror.upload(await second.there()))!;
  // The first attempt has lost the job, and wakes up.
  await first.mirror.dropOthers(checkpoint);
  expect((await keysOf(of.id)).sort()).toEqual(keysIn(newer).sort());

  await second.remove('00000002.safetensors');
  const newest = (await second.mirror.upload(await second.there()))!;
  await second.mirror.dropOthers(newest);
  expect(await keysOf(of.id)).toEqual(keysIn(newest));
  await dropCheckpoints(files, of.id);
  expect(await keysOf(of.id)).toEqual([]);
});

test('goes on with what is there of a checkpoint that lost files', async () => {
  const of = job();
  const first = aMachine(of, 1);
  await first.write('00000001.safetensors', 'one');
  await first.write('00000002.safetensors', 'two');
  const checkpoint = (await first.mirror.upload(await first.there()))!;
  await files.remove(keysIn(checkpoint)[1]!);
  const second = aMachine({ ...of, checkpoint }, 2);
  await second.mirror.restore();
  expect(await second.there()).toEqual(['00000001.safetensors']);
});

test('a job without a checkpoint begins with an empty folder', async () => {
  const { mirror, there } = aMachine(job(), 1);
  await mirror.restore();
  expect(await there()).toEqual([]);
});

test('another process sees a checkpoint as soon as it is uploaded', async () => {
  const of = job();
  const { databaseUrl, artifactsUrl } = kept;
  const other = await openStorage({ databaseUrl, artifactsUrl, onError: () => {} });
  try {
    const { mirror, write, there } = aMachine(of, 1);
    await write('00000001.safetensors', 'one');
    const checkpoint = await mirror.upload(await there());
    const second = aMachine({ ...of, checkpoint }, 2, other.objectFiles);
    await second.mirror.restore();
    expect(await second.read('00000001.safetensors')).toBe('one');
  } finally {
    await other.close();
  }
});
