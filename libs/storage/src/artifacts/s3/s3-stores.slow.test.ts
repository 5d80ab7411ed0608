import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  artifactStoreConformance,
  objectFilesConformance,
  temporaryFolder,
  testS3,
  type TestS3,
} from '#testkit';
import { openArtifacts, type Artifacts } from '../open-artifacts.js';
import { startFaultyProxy, type FaultyProxy } from './faulty-proxy.fixture.js';
import { s3LocationOf } from './s3-location.js';

let s3: TestS3;
let client: S3Client;
beforeAll(async () => {
  s3 = await testS3();
  client = new S3Client({ endpoint: s3.endpoint, region: 'us-east-1', forcePathStyle: true });
});
afterAll(async () => {
  client.destroy();
  await s3.stop();
});

async function openEmpty() {
  const url = s3.newUrl();
  const { prefix } = s3LocationOf(url);
  const [mine, others] = [await openArtifacts(url), await openArtifacts(url)];
  return {
    ...{ store: mine.store, other: others.store },
    files: { files: mine.objectFiles, other: others.objectFiles },
    damage: async (digest: string, content: string) => {
      const Key = `${prefix}sha256/${digest}`;
      await client.send(new PutObjectCommand({ Bucket: s3.bucket, Key, Body: content }));
    },
    stored: async () => {
      const found = await client.send(new ListObjectsV2Command({ Bucket: s3.bucket, Prefix: prefix }));
      return (found.Contents ?? []).map(({ Key }) => Key!);
    },
    close: () => {
      mine.close();
      others.close();
      return Promise.resolve();
    },
  };
}

artifactStoreConformance('S3', openEmpty);
objectFilesConformance('S3', async () => {
  const { files, close } = await openEmpty();
  return { ...files, close };
});

describe('with a server that fails', () => {
  const UNAVAILABLE = { code: 'unavailable', fault: 'infrastructure', retry: true };
  let proxy: FaultyProxy;
  let behind: Artifacts;
  let direct: Artifacts;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeEach(async () => {
    proxy = await startFaultyProxy(s3.endpoint);
    const url = s3.newUrl(proxy.url);
    behind = await openArtifacts(url);
    direct = await openArtifacts(url.replace(proxy.url, s3.endpoint));
    folder = await temporaryFolder('faults');
  });
  afterEach(async () => {
    behind.close();
    direct.close();
    await proxy.close();
    await folder.remove();
  });

  const newFile = async (megabytes: number) => {
    const file = path.join(folder.path, 'file');
    await writeFile(file, Buffer.alloc(megabytes * 2 ** 20, 'isochron'));
    return file;
  };

  test.each(['refuse', 'cut'] as const)('tries again what fails for a moment: %s', async (fault) => {
    proxy.fail(2, fault);
    const { digest } = await behind.store.putBytes(new TextEncoder().encode('content'));
    proxy.fail(2, fault);
    expect(await behind.store.find(digest)).toEqual({ digest, bytes: 7 });
    proxy.fail(2, fault);
    expect(await text(await behind.store.open(digest))).toBe('content');
    const file = await newFile(20);
    proxy.fail(2, fault);
    await direct.store.verify((await behind.store.putFile(file)).digest);
  });

  test.each(['refuse', 'cut'] as const)('one that goes on failing is unavailable: %s', async (fault) => {
    const { digest } = await direct.store.putBytes(new TextEncoder().encode('content'));
    proxy.fail(Infinity, fault);
    await expect(behind.store.find(digest)).rejects.toMatchObject(UNAVAILABLE);
    await expect(behind.store.open(digest)).rejects.toMatchObject(UNAVAILABLE);
    await expect(behind.store.putBytes(new Uint8Array(3))).rejects.toMatchObject(UNAVAILABLE);
    await expect(behind.objectFiles.list('')).rejects.toMatchObject(UNAVAILABLE);
    await expect(behind.store.health()).rejects.toMatchObject(UNAVAILABLE);
  });

  test('an upload that breaks off in the middle leaves nothing to be seen', async () => {
    const file = await newFile(40);
    proxy.passThenFail(3);
    await expect(behind.store.putFile(file)).rejects.toMatchObject(UNAVAILABLE);
    const digest = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    expect(await direct.store.find(digest)).toBeUndefined();
    proxy.passThenFail(3);
    await expect(behind.objectFiles.put('large', file)).rejects.toMatchObject(UNAVAILABLE);
    expect(await direct.objectFiles.list('')).toEqual([]);
  });

  test('a download that breaks off is unavailable, and never a shorter file', async () => {
    const file = await newFile(8);
    const { digest } = await direct.store.putFile(file);
    await direct.objectFiles.put('large', file);
    proxy.breakAnswersAfter(2 ** 20);
    await expect(behind.store.verify(digest)).rejects.toMatchObject(UNAVAILABLE);
    await expect(behind.store.read(digest)).rejects.toMatchObject(UNAVAILABLE);
    const target = path.join(folder.path, 'target');
    await expect(behind.objectFiles.fetch('large', target)).rejects.toMatchObject(UNAVAILABLE);
    expect(await readdir(folder.path)).toEqual(['file']);
  });

  test('one that does not answer fails the health check in time', async () => {
    proxy.fail(Infinity, 'hang');
    const began = performance.now();
    await expect(behind.store.health()).rejects.toMatchObject(UNAVAILABLE);
    expect(performance.now() - began).toBeLessThan(9_000);
  });
});

test('a bucket that is not there, and a server that is not, are unavailable', async () => {
  const { bucket } = s3;
  for (const url of [s3.newUrl().replace(bucket, 'no-such-bucket'), s3.newUrl('http://127.0.0.1:1')]) {
    const { store, close } = await openArtifacts(url);
    await expect(store.health()).rejects.toMatchObject({ code: 'unavailable' });
    await expect(store.read('0'.repeat(64))).rejects.toMatchObject({ code: 'unavailable' });
    close();
  }
});

test('credentials that are refused are unavailable, and are not shown', async () => {
  const url = s3.newUrl();
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = process.env;
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'UNKNOWN', AWS_SECRET_ACCESS_KEY: 'WRONG-SECRET' });
  try {
    const { store, close } = await openArtifacts(url);
    const error = (await store.read('0'.repeat(64)).catch((thrown: unknown) => thrown)) as Error;
    const message = `the artifact store (S3 bucket "${s3.bucket}") answers "InvalidAccessKeyId"`;
    expect(error).toMatchObject({ code: 'unavailable', message });
    expect(JSON.stringify([error, error.cause, error.stack])).not.toContain('WRONG-SECRET');
    close();
  } finally {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret });
  }
});

test('what a killed process left of a stream on this machine is removed after a day', async () => {
  const [old, young] = ['old', 'young'].map((name) =>
    path.join(os.tmpdir(), `isochron-artifact-test-${name}`),
  );
  await Promise.all([mkdir(old!), mkdir(young!)]);
  await writeFile(path.join(old!, 'content'), 'part');
  const yesterday = Date.now() / 1000 - 25 * 3600;
  await utimes(old!, yesterday, yesterday);
  const { removeUnfinished, close } = await openArtifacts(s3.newUrl());
  try {
    await removeUnfinished();
    expect((await readdir(os.tmpdir())).filter((name) => name.startsWith('isochron-artifact-test-'))).toEqual(
      [path.basename(young!)],
    );
  } finally {
    close();
    await rm(young!, { recursive: true });
  }
});

test('a stream that is stored leaves nothing on this machine', async () => {
  const spooled = async () =>
    (await readdir(os.tmpdir())).filter((name) => name.startsWith('isochron-artifact-'));
  const before = await spooled();
  const { store, close } = await openEmpty();
  await store.putStream(Readable.from([Buffer.alloc(100_000)]));
  expect(await spooled()).toEqual(before);
  await close();
});
