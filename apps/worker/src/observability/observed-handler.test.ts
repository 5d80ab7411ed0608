import { AppError } from '#contracts';
import { ConsumerStopped, type Delivery } from '#queue';
import { createLogger } from '#runtime';
import { processRegistry, WorkerMetrics } from '#telemetry';
import { noteAttempt, observedHandler } from './observed-handler.js';

const JOB = { jobId: '00000000-0000-4000-8000-00000000000f', stage: 'publish' } as const;
const MESSAGE = { ...JOB, generation: 0 };

let text: string;
let registry: ReturnType<typeof processRegistry>;
let metrics: WorkerMetrics;
const logger = createLogger('worker', 'info', { write: (line: string) => void (text += line) });
beforeEach(() => {
  text = '';
  registry = processRegistry();
  metrics = new WorkerMetrics(registry);
});

const aDelivery = (signal = new AbortController().signal): Delivery => ({
  ...{ attemptsMade: 0, signal, willRetry: () => false },
});
const sample = async (labels: string) => {
  const lines = (await registry.metrics()).split('\n');
  const line = lines.find((each) => each.startsWith(`isochron_message_handling_seconds_count{${labels}}`));
  return line?.split(' ')[1];
};

test('lines about a job carry the job, its stage and, once it is known, the attempt and the request', async () => {
  const handle = observedHandler('light', metrics, async () => {
    logger.info('begins');
    await Promise.resolve();
    noteAttempt({ attempt: 3, job: { requestId: 'submission-1' } });
    logger.info('goes on');
  });
  await handle(MESSAGE, aDelivery());
  const [first, second] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(first).toMatchObject(JOB);
  expect(first).not.toHaveProperty('attempt');
  expect(second).toMatchObject({ ...JOB, attempt: 3, requestId: 'submission-1' });
});

test('messages are counted by how they ended, and those in hand while they are', async () => {
  let inHand = '';
  const handle = observedHandler('light', metrics, async () => {
    inHand = await registry.metrics();
  });
  await handle(MESSAGE, aDelivery());
  expect(inHand).toContain('isochron_messages_in_hand{queue="light"} 1');
  expect(await registry.metrics()).toContain('isochron_messages_in_hand{queue="light"} 0');
  expect(await sample('queue="light",stage="publish",outcome="done"')).toBe('1');
});

test.each([
  ['failed', new AppError('internal', 'broken'), new AbortController().signal],
  ['stopped', new ConsumerStopped('stops'), AbortSignal.abort()],
])('a message that %s is counted as such, and its error is passed on', async (outcome, error, signal) => {
  const handle = observedHandler('light', metrics, () => Promise.reject(error));
  await expect(handle(MESSAGE, aDelivery(signal))).rejects.toBe(error);
  expect(await sample(`queue="light",stage="publish",outcome="${outcome}"`)).toBe('1');
});
