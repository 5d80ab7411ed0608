import { randomUUID } from 'node:crypto';
import type { WorkQueue } from '#queue';
import { tracedQueue } from './traced-queue.js';

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('many messages go in at once, traced or not, and each gets its own result', async () => {
  const calls: unknown[] = [];
  const queue = tracedQueue({
    enqueueAll: (name: string, messages: readonly { data: { traceparent?: string } }[]) => {
      calls.push([name, messages.map(({ data }) => data.traceparent)]);
      const results = messages.map((_, index) =>
        index === 1
          ? ({ status: 'rejected', reason: new Error('refused') } as const)
          : ({ status: 'fulfilled', value: undefined } as const),
      );
      return Promise.resolve(results);
    },
  } as unknown as WorkQueue);
  const message = (traceparent?: string) => ({
    data: { jobId: randomUUID() as string, stage: 'publish' as const, generation: 0, traceparent },
    how: { id: 'a' },
  });
  const results = await queue.enqueueAll('light', [message(PARENT), message(PARENT), message()]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(results[1]).toMatchObject({ reason: new Error('refused') });
  expect(calls).toEqual([['light', [PARENT, PARENT, undefined]]]);
});

test('where the engine is away every message of a call is refused, and a flow as a whole', async () => {
  const away = () => Promise.reject(new Error('away'));
  const queue = tracedQueue({ enqueueAll: away, enqueueFlow: away } as unknown as WorkQueue);
  const data = (traceparent?: string) => ({
    ...{ jobId: randomUUID() as string, stage: 'publish' as const, generation: 0, traceparent },
  });
  const results = await queue.enqueueAll('light', [
    { data: data(PARENT), how: { id: 'a' } },
    { data: data(), how: { id: 'b' } },
  ]);
  expect(results).toEqual(Array(2).fill({ status: 'rejected', reason: new Error('away') }));
  const last = { queue: 'light' as const, data: data(PARENT), id: 'a' };
  await expect(queue.enqueueFlow(last, [{ ...last, id: 'b' }])).rejects.toThrow('away');
});

test('a flow goes in as it is where there is no tracing', async () => {
  const calls: unknown[] = [];
  const enqueueFlow = (...flow: unknown[]) => Promise.resolve(void calls.push(flow));
  const queue = tracedQueue({ enqueueFlow } as unknown as WorkQueue);
  const sweep = { sweepId: randomUUID() as string, stage: 'gather' as const, traceparent: PARENT };
  const last = { queue: 'light' as const, data: sweep, id: 'last' };
  const job = { jobId: randomUUID() as string, stage: 'train' as const, generation: 0, traceparent: PARENT };
  const other = { queue: 'train.cpu' as const, data: job, id: 'other', priority: 3 };
  await queue.enqueueFlow(last, [other]);
  expect(calls).toEqual([[last, [other]]]);
});
