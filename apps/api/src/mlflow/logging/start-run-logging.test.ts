import { pino } from 'pino';
import { submission, transition } from '#jobs';
import { aDataset, aJob, aJobRequest, testStorage, waitUntil, type TestStorage } from '#testkit';
import { FakeMlflow } from './mlflow-server.fixture.js';
import { startRunLogging } from './start-run-logging.js';

let kept: TestStorage;
let mlflow: FakeMlflow;
let lines: string[];
beforeEach(async () => {
  kept = await testStorage({ loggedJobs: {} });
  mlflow = await FakeMlflow.open();
  lines = [];
});
afterEach(async () => {
  mlflow.close();
  await kept.close();
});

const start = () => {
  const server = { url: mlflow.url, authorization: undefined, experimentName: undefined, teamId: undefined };
  const logger = pino({ level: 'info' }, { write: (line) => void lines.push(line) });
  return startRunLogging(kept.storage, server, logger);
};

async function begunJob() {
  const { storage, actor } = kept;
  const dataset = aDataset(actor);
  await storage.datasets.create(dataset);
  const job = aJob(actor, { spec: aJobRequest({ datasetId: dataset.id }) });
  await storage.jobs.create(submission(job));
  const begun = { type: 'begun', stage: 'train', generation: 0 } as const;
  await storage.jobs.update(job.id, (held) => transition(held, begun, new Date()));
}

test('jobs are logged from the start of the process on, and as they come', async () => {
  await begunJob();
  const logging = start();
  await waitUntil('the first job is logged', () => mlflow.runs.size === 1);
  await begunJob();
  await waitUntil('the second job is logged', () => mlflow.runs.size === 2);
  await logging.stop();
  expect(lines).toEqual([]);
});

test('a server that is away is told once in the log, and a request that never ends does not keep the process', async () => {
  mlflow.breaks = () => [503, 'no'];
  await begunJob();
  const logging = start();
  const told = await waitUntil('the log says so', () => lines[0]);
  expect(told).toContain('MLflow does not take what jobs tell');
  let isAsked = false;
  mlflow.breaks = () => {
    isAsked = true;
    return 'never';
  };
  await waitUntil('it is tried again', () => isAsked);
  await logging.stop();
  expect(lines).toHaveLength(1);
});
