import { randomInt, randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { readdir, utimes } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ModelVersion } from '#contracts';
import { spawnService, type RunningService } from '#runtime';
import { openStorage } from '#storage';
import { temporaryFolder, testDatabase, waitUntil, type TestDatabase } from '#testkit';
import { aBundleFile } from '../testing/a-bundle.js';
import { sha256 } from '../testing/upload-file.js';

const ENTRY = path.resolve(import.meta.dirname, '../../../../dist/apps/api/src/main.js');
const KILLS = 6;
/** Clients that publish at once, so that a kill finds requests at different points. */
const CLIENTS = 4;
/** A kill comes after as many answers at most, and so much later at most: a request takes a few of these milliseconds. */
const [MOST_ANSWERS, MOST_MS] = [5, 40];

interface Bundle {
  readonly file: Uint8Array;
  readonly digest: string;
}

const aBundle = (seed: number): Bundle => {
  const file = aBundleFile(seed);
  return { file, digest: sha256(file) };
};

let database: TestDatabase;
let folder: { path: string; remove(): Promise<void> };
let api: RunningService;
let key: string;
beforeAll(async () => {
  [database, folder] = [await testDatabase(), await temporaryFolder('killed')];
  key = /iso_[\w-]{32}/.exec(await start())![0];
  await call('/v1/models', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'digits' }),
  });
});
afterAll(async () => {
  await api.stop();
  await database.drop();
  await folder.remove();
});

/** Starts the API, and gives what it prints. */
async function start(): Promise<string> {
  const printed = path.join(folder.path, `${randomUUID()}.out`);
  const stdout = openSync(printed, 'w');
  const env = {
    ...{ DATABASE_URL: database.url, REDIS_URL: undefined, ARTIFACTS_URL: undefined },
    ...{ NODE_OPTIONS: undefined, DATA_DIR: folder.path, PORT: '0', LOG_LEVEL: 'error' },
  };
  api = await spawnService({ name: 'api', entry: ENTRY, env, stdout });
  closeSync(stdout);
  return readFileSync(printed, 'utf8');
}

async function kill(): Promise<void> {
  process.kill(api.pid, 'SIGKILL');
  await api.exited;
}

function call(url: string, init: RequestInit = {}): Promise<Response> {
  const headers = { ...init.headers, authorization: `Bearer ${key}` };
  return fetch(new URL(url, api.url), { ...init, headers });
}

/** @throws Error where the API is killed before it has answered, or does not publish it */
async function publish({ file }: Bundle): Promise<ModelVersion> {
  const headers = { 'content-type': 'application/octet-stream' };
  const body = Buffer.from(file);
  const response = await call('/v1/models/digits/versions', { method: 'POST', headers, body });
  const answer = (await response.json()) as ModelVersion;
  if (response.ok) return answer;
  throw new Error(`${response.status} ${JSON.stringify(answer)}`);
}

async function versions(): Promise<ModelVersion[]> {
  const response = await call('/v1/models/digits/versions?limit=200');
  const { items } = (await response.json()) as { items: ModelVersion[] };
  return items.reverse();
}

/** Numbers without a gap or a double, one version of a bundle, and every file there as it was sent. */
async function expectWhole(listed: readonly ModelVersion[]): Promise<void> {
  expect(listed.map(({ version }) => version)).toEqual(listed.map((_, index) => index + 1));
  expect(new Set(listed.map(({ bundle }) => bundle.digest)).size).toBe(listed.length);
  for (const { bundle } of listed) {
    const response = await call(bundle.url);
    expect(response.status).toBe(200);
    expect(sha256(new Uint8Array(await response.arrayBuffer()))).toBe(bundle.digest);
  }
}

/** What was published while the API lived, and what was cut when it was killed. */
class Round {
  readonly answered: ModelVersion[] = [];
  readonly cut: Bundle[] = [];
  #killed = false;

  constructor(private readonly next: () => Bundle) {}

  async run(): Promise<void> {
    const clients = Array.from({ length: CLIENTS }, () => this.#client());
    await Promise.all([this.#killAtRandom(), ...clients]);
  }

  async #client(): Promise<void> {
    while (!this.#killed) {
      const bundle = this.next();
      try {
        this.answered.push(await publish(bundle));
      } catch (error) {
        if (!this.#killed) throw error;
        this.cut.push(bundle);
        return;
      }
    }
  }

  async #killAtRandom(): Promise<void> {
    const answers = randomInt(1, MOST_ANSWERS + 1);
    await waitUntil('some answers', () => this.answered.length >= answers);
    await pause(randomInt(MOST_MS));
    this.#killed = true;
    await kill();
  }
}

/** Removes all that nothing refers to, however young, and gives what is left. */
async function collected(): Promise<string[]> {
  const artifactsUrl = path.join(folder.path, 'artifacts');
  const storage = await openStorage({ databaseUrl: database.url, artifactsUrl, onError: () => {} });
  try {
    await storage.artifactCollector.collect({ now: new Date(Date.now() + 60_000), graceMs: 0 });
    const left: string[] = [];
    for await (const { digest } of storage.artifacts.list()) left.push(digest);
    return left;
  } finally {
    await storage.close();
  }
}

const digestsOf = (listed: readonly ModelVersion[]) => listed.map(({ bundle }) => bundle.digest).sort();

test('an API that is killed while it publishes leaves versions that are whole, and nothing else', async () => {
  const sent: Bundle[] = [];
  const again: Bundle[] = [];
  const abandoned = new Set<string>();
  const next = () => again.pop() ?? sent[sent.push(aBundle(sent.length)) - 1]!;
  for (let kills = 0; kills < KILLS; kills++) {
    const round = new Round(next);
    await round.run();
    await start();
    const listed = await versions();
    await expectWhole(listed);
    expect(listed).toEqual(expect.arrayContaining(round.answered));
    // Some are never sent again: what is stored of them is nobody's, unless their version was made.
    for (const [index, bundle] of round.cut.entries()) {
      if (index % 2 === 0) again.push(bundle);
      else abandoned.add(bundle.digest);
    }
  }
  expect(abandoned.size).toBeGreaterThan(0);

  const before = await versions();
  for (const bundle of again) {
    const known = before.find((version) => version.bundle.digest === bundle.digest);
    const published = await publish(bundle);
    if (known !== undefined) expect(published).toEqual(known);
    expect(await publish(bundle)).toEqual(published);
  }
  const listed = await versions();
  const digests = digestsOf(listed);
  const kept = sent.map(({ digest }) => digest).filter((digest) => !abandoned.has(digest));
  expect(digests).toEqual(expect.arrayContaining(kept));
  expect((await collected()).sort()).toEqual(digests);
  await expectWhole(listed);
  await expectBodiesSwept();
});

/** Of bodies that were cut nothing is left, once their APIs are known to be dead. */
async function expectBodiesSwept(): Promise<void> {
  const uploads = path.join(folder.path, 'uploads');
  await api.stop();
  const left = await readdir(uploads);
  expect(left).toHaveLength(KILLS);
  const longAgo = new Date(Date.now() - 600_000);
  for (const name of left) await utimes(path.join(uploads, name), longAgo, longAgo);
  await start();
  const [own, ...others] = await readdir(uploads);
  expect(others).toEqual([]);
  expect(left).not.toContain(own);
}
