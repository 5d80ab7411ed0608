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
