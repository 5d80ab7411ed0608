import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { artifactStoreConformance, objectFilesConformance, temporaryFolder, waitUntil } from '#testkit';
import { openArtifacts } from './open-artifacts.js';

/** What is below a folder, without the folders. */
function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true }) as string[];
  return names.filter((name) => statSync(path.join(folder, name)).isFile());
}

async function openEmpty() {
  const folder = await temporaryFolder('artifacts');
  const [mine, others] = [
    await openArtifacts(folder.path),
    await openArtifacts(pathToFileURL(folder.path).href),
  ];
  const fileOf = (digest: string) => path.join(folder.path, digest.slice(0, 2), digest.slice(2, 4), digest);
  return {
    folder,
    ...{ store: mine.store, other: others.store },
    files: { files: mine.objectFiles, other: others.objectFiles },
    damage: (digest: string, content: string) => Promise.resolve(writeFileSync(fileOf(digest), content)),
    stored: () => Promise.resolve(filesBelow(folder.path)),
    close: () => folder.remove(),
  };
}

artifactStoreConformance('a directory', openEmpty);
objectFilesConformance('a directory', async () => {
  const { files, close } = await openEmpty();
  return { ...files, close };
});

test('artifacts and object files of one directory keep apart', async () => {
  const { folder, store, files, close } = await openEmpty();
  try {
    const source = path.join(folder.path, 'source');
    writeFileSync(source, 'content');
    const { digest } = await store.putFile(source);
    await files.files.put(`${digest.slice(0, 2)}/${digest}`, source);
    expect((await files.files.list('')).map(({ key }) => key)).toEqual([`${digest.slice(0, 2)}/${digest}`]);
    await store.verify(digest);
    await files.files.remove(`${digest.slice(0, 2)}/${digest}`);
    await store.verify(digest);
    expect(readdirSync(path.join(folder.path, 'incoming'))).toEqual([]);
  } finally {
    await close();
  }
});

test('what a killed writer left is removed after a day, and nothing of those at work', async () => {
  const { folder, store, close } = await openEmpty();
  const { removeUnfinished } = await openArtifacts(folder.path);
  const writing = [new PassThrough(), new PassThrough()];
  try {
    await removeUnfinished(); // there is no folder yet
    const { digest } = await store.putBytes(Buffer.from('content'));
    const incoming = () => readdirSync(path.join(folder.path, 'incoming'));
    const [killed, atWork] = writing.map((content) => store.putStream(content));
    await waitUntil('both to be written', () => incoming().length === 2);
    const [left] = incoming() as [string];
    const yesterday = Date.now() / 1000 - 25 * 3600;
    utimesSync(path.join(folder.path, 'incoming', left), yesterday, yesterday);
    await removeUnfinished();
    expect(incoming()).toHaveLength(1);
    expect(incoming()).not.toContain(left);
    writing.forEach((content) => content.end('more'));
    await Promise.allSettled([killed, atWork]);
    await store.verify(digest);
  } finally {
    writing.forEach((content) => content.destroy());
    await close();
  }
});

test('a removed object file leaves no folder behind', async () => {
  const { folder, files, close } = await openEmpty();
  try {
    writeFileSync(path.join(folder.path, 'source'), 'content');
    await files.files.put('checkpoints/job/1', path.join(folder.path, 'source'));
    await files.files.remove('checkpoints/job/1');
    expect(readdirSync(path.join(folder.path, 'files'))).toEqual([]);
  } finally {
    await close();
  }
});

test('a directory that cannot be written to is unavailable', async () => {
  const folder = await temporaryFolder('artifacts');
  try {
    await (await openArtifacts(folder.path)).store.health();
    writeFileSync(path.join(folder.path, 'file'), '');
    const unusable = (await openArtifacts(path.join(folder.path, 'file'))).store;
    await expect(unusable.health()).rejects.toMatchObject({ code: 'unavailable', retry: true });
  } finally {
    await folder.remove();
  }
});
