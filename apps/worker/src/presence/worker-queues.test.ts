import { randomUUID } from 'node:crypto';
import { jobMessages, openQueue, type Delivery, type WorkQueue } from '#queue';
import { testDatabase, waitUntil } from '#testkit';
import { WorkerQueues } from './worker-queues.js';

let queue: WorkQueue;
let close: () => Promise<void>;
beforeEach(async () => {
  const database = await testDatabase();
  queue = await openQueue({ databaseUrl: database.url, onError: () => {} });
  close = async () => {
    await queue.close();
    await database.drop();
  };
});
afterEach(() => close());

/** Trainings that end when a test says so. */
class Trainings {
  readonly begun: string[] = [];
  readonly signals = new Map<string, AbortSignal>();
  most = 0;
  private readonly ends = new Map<string, () => void>();

  readonly train = ({ jobId }: { jobId: string }, { signal }: Delivery): Promise<void> => {
    this.begun.push(jobId);
    this.signals.set(jobId, signal);
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => () => (this.ends.delete(jobId), settle());
      this.ends.set(jobId, end(resolve));
      this.most = Math.max(this.most, this.ends.size);
      signal.addEventListener(
        'abort',
        end(() => reject(new Error('stopped'))),
      );
    });
  };

  end(jobId: string): void {
    this.ends.get(jobId)!();
  }

  readonly endAll = (): void => this.ends.forEach((end) => end());
}

async function opened(names: readonly ('train.gpu' | 'train.cpu' | 'light')[], concurrency = 1) {
  const trainings = new Trainings();
  const idle = { times: 0 };
  const light: string[] = [];
  const queues = new WorkerQueues({
    ...{ queue, names, concurrency, lightConcurrency: 1, closeTimeoutMs: 5_000 },
    train: (_from, ...message) => trainings.train(...message),
    light: (data) => Promise.resolve(void light.push('jobId' in data ? data.jobId : data.sweepId)),
    onIdle: () => void idle.times++,
  });
  await queues.open();
  return { queues, trainings, idle, light };
}
const send = async (changes: object = {}) => {
  const message = { jobId: randomUUID(), stage: 'train', generation: 0, priority: 0, ...changes } as const;
  await jobMessages(queue).enqueue(message);
  return message.jobId;
};

test('trainings of two queues share the places of the worker, those that need the card first', async () => {
  const [cpu, gpu] = [await send(), await send({ needsGpu: true })];
  const { trainings, idle } = await opened(['train.gpu', 'train.cpu']);
  await waitUntil('the first begins', () => trainings.begun.length === 1);
  expect(trainings.begun).toEqual([gpu]);
  const second = await send({ needsGpu: true });
  trainings.end(gpu);
  await waitUntil('the next begins', () => trainings.begun.length === 2);
  expect(trainings.begun).toEqual([gpu, second]);
  trainings.end(second);
  await waitUntil('the last begins', () => trainings.begun.length === 3);
  expect([trainings.begun[2], trainings.most]).toEqual([cpu, 1]);
  trainings.end(cpu);
  await waitUntil('the worker is idle', () => idle.times > 0);
});

test('a worker that rests takes nothing, and goes on with what it has', async () => {
  const { queues, trainings, light } = await opened(['train.cpu', 'light'], 2);
  const first = await send();
  await waitUntil('it begins', () => trainings.begun.length === 1);
  await queues.rest();
  const second = await send();
  await send({ stage: 'publish' });
  expect([queues.isIdle, trainings.signals.get(first)!.aborted, light]).toEqual([false, false, []]);
  trainings.end(first);
  await waitUntil('it is idle', () => queues.isIdle);
  await waitUntil('light work waits', async () => (await queue.waiting('light')) === 1);
  expect(light).toEqual([]);
  await queues.resume();
  await waitUntil('both go on', () => trainings.begun.length === 2 && light.length === 1);
  expect(trainings.begun[1]).toBe(second);
  trainings.endAll();
});

test('a worker that hands back has its trainings stop, and gets them again when it resumes', async () => {
  const { queues, trainings } = await opened(['train.cpu']);
  const jobId = await send();
  await waitUntil('it begins', () => trainings.begun.length === 1);
  await queues.handBack();
  await waitUntil('it is idle', () => queues.isIdle);
  await waitUntil('the message waits', async () => (await queue.waiting('train.cpu')) === 1);
  await queues.resume();
  await waitUntil('it begins anew', () => trainings.begun.length === 2);
  expect(trainings.begun).toEqual([jobId, jobId]);
  trainings.endAll();
});
