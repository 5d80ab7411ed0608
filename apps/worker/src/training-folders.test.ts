import { randomUUID } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Job } from '#contracts';
import { aJob, anActor, temporaryFolder } from '#testkit';
import { TrainingFolders } from './training-folders.js';

let folder: { path: string; remove(): Promise<void> };
let folders: TrainingFolders;
beforeEach(async () => {
  folder = await temporaryFolder('data');
  folders = new TrainingFolders(folder.path);
});
afterEach(() => folder.remove());

const training = (attempt: number): Job => aJob(anActor(), { state: 'running', attempt });
const make = (...parts: string[]) => mkdir(path.join(folder.path, ...parts), { recursive: true });
const within = async (name: string) => (await readdir(path.join(folder.path, name))).sort();

test('an attempt has a folder of its own, and removes what earlier ones left', async () => {
  const job = training(3);
  const other = `${randomUUID()}.1`;
  for (const name of [`${job.id}.1`, `${job.id}.2`, `${job.id}.4`, other]) await make('work', name);
  const begun = { job, attempt: 3 };
  expect(await folders.begin(begun)).toBe(path.join(folder.path, 'work', `${job.id}.3`));
  expect(await within('work')).toEqual([`${job.id}.3`, `${job.id}.4`, other].sort());
  await folders.end(begun);
  expect(await within('work')).toEqual([`${job.id}.4`, other].sort());
});

test('a start sweeps what is left of trainings that are over, and nothing else', async () => {
  const jobs = {
    training: training(2),
    waiting: aJob(anActor(), { state: 'queued', attempt: 1 }),
    publishing: aJob(anActor(), { state: 'running', stage: 'publish', attempt: 2 }),
    adjusting: aJob(anActor(), { state: 'running', stage: 'adjust', attempt: 1 }),
    failed: aJob(anActor(), { state: 'failed', attempt: 1 }),
  };
  const { training: alive, adjusting } = jobs;
  for (const job of Object.values(jobs)) await make('work', `${job.id}.1`);
  await make('work', `${alive.id}.2`);
  await make('work', `${randomUUID()}.1`); // of a job that was deleted
  await make('work', 'somebody else’s');
  await folders.sweep((id) => Promise.resolve(Object.values(jobs).find((job) => job.id === id)));
  expect(await within('work')).toEqual([`${alive.id}.2`, `${adjusting.id}.1`, 'somebody else’s'].sort());
});

test('there is nothing to sweep on a machine that never trained', async () => {
  await expect(folders.sweep(() => Promise.resolve(undefined))).resolves.toBeUndefined();
});
