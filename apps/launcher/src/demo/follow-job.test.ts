import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { waitUntil } from '#testkit';
import { Terminal } from '../terminal/terminal.js';
import type { ApiClient } from './api-client.js';
import { JobDisplay } from './follow-job.js';
import { Timeline } from './timeline.js';

const JOB = 'f0e1d2c3-0000-4000-8000-000000000000';
const error = { code: 'training_crashed', fault: 'infrastructure', message: 'it crashed' };
const state = (value: string, attempt: number, more = {}) => ({
  type: 'state',
  state: value,
  stage: 'train',
  attempt,
  ...more,
});
const progress = {
  type: 'progress',
  progress: { stage: 'train', phase: 'joint', step: 3, steps: 10, fraction: 0.3 },
};
const text = (events: object[]) =>
  events
    .map((event, i) => `id: ${i}\ndata: ${JSON.stringify({ ...event, at: '2026-03-01T10:00:00.000Z' })}\n\n`)
    .join('');

/** Follows a job with these events; `getJob` answers every question about it. Returns all that was shown. */
async function follow(events: object[], getJob: () => Promise<object>, until?: RegExp): Promise<string> {
  const output = new PassThrough();
  let shown = '';
  output.setEncoding('utf8').on('data', (part: string) => (shown += part));
  const server = http.createServer((_, response) => {
    response.write(text(events.slice(0, -1)));
    void waitUntil('what is to be shown', () => until === undefined || until.test(shown)).then(() =>
      response.end(text(events).slice(text(events.slice(0, -1)).length)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, getJob };
  const display = new JobDisplay(
    client as unknown as ApiClient,
    new Terminal(output, output),
    new Timeline(),
  );
  await display.follow(JOB).catch((failure: Error) => (shown += failure.message));
  server.close();
  server.closeAllConnections();
  return shown;
}

const failedJob = () => Promise.resolve({ state: 'failed', stage: 'train', error });
const succeededJob = () => Promise.resolve({ state: 'succeeded', stage: 'publish' });

describe('the bar of a training', () => {
  test('stays where it stands when the job fails', async () => {
    const shown = await follow([state('running', 1), progress, state('failed', 1, { error })], failedJob);
    expect(shown).toContain('joint: 30 %');
    expect(shown).toContain('attempt 1: it crashed');
    expect(shown).not.toContain('100 %');
  });

  test('begins anew with every attempt', async () => {
    const attempts = [state('running', 1), progress, state('running', 2), progress];
    const shown = await follow([...attempts, state('failed', 2, { error })], failedJob);
    expect(shown.match(/joint: 30 %/g)).toHaveLength(2);
    expect(shown).not.toContain('100 %');
  });

  test('goes on where an attempt was resumed, and says what the worker says', async () => {
    const resumed = { ...progress, type: 'resumed', attempt: 2 };
    const log = { type: 'log', attempt: 2, level: 'warn', message: 'a checkpoint was damaged' };
    const shown = await follow([state('running', 2), log, resumed, state('failed', 2, { error })], failedJob);
    expect(shown).toContain('a checkpoint was damaged');
    expect(shown).toContain('attempt 2 resumed from epoch 1 of 1, step 3 of 10 (joint)');
    expect(shown).toContain('joint: 30 %');
  });

  test('has the accuracies of epochs above it', async () => {
    const ratios = [
      { ratio: 0, accuracy: 0.912 },
      { ratio: 0.5, accuracy: 0.9 },
    ];
    const metrics = { type: 'metrics', attempt: 1, series: 'all-in-one/joint', firstStep: 1, losses: [2] };
    const evaluated = { ...metrics, evaluation: { epoch: 2, images: 1000, ratios } };
    const events = [state('running', 1), progress, metrics, evaluated, state('failed', 1, { error })];
    expect(await follow(events, failedJob)).toContain(
      'accuracy after epoch 2 (all-in-one/joint, 1000 images): 91.2 % at ratio 0, 90.0 % at ratio 0.5',
    );
  });

  test('is complete when the next stage begins', async () => {
    const next = state('succeeded', 1, { stage: 'publish' });
    expect(await follow([state('running', 1), progress, next], succeededJob)).toContain('joint: 100 %');
  });
});

test('measuring whose progress cannot be read is a warning, and the job is followed on', async () => {
  let asked = 0;
  const getJob = () => (asked++ === 0 ? Promise.reject(new Error('no answer')) : succeededJob());
  const events = [state('running', 1, { stage: 'verify' }), state('succeeded', 1, { stage: 'publish' })];
  const shown = await follow(events, getJob, /cannot be shown/);
  expect(shown).toContain('the progress of measuring cannot be shown: no answer');
});
