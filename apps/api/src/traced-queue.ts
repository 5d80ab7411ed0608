import type { QueueData, QueueName, WorkQueue } from '#queue';
import { currentTraceparent, inSpan, SpanKind } from '#telemetry';

/** Puts messages into the queue in a span of the trace that they belong to; workers go on from there. */
export function tracedQueue(queue: Pick<WorkQueue, 'enqueue'>): Pick<WorkQueue, 'enqueue'> {
  return {
    enqueue: async <N extends QueueName>(name: N, data: QueueData<N>, id: string) => {
      const { traceparent: parent, jobId } = data;
      if (parent === undefined) return queue.enqueue(name, data, id);
      const attributes = {
        'messaging.system': 'bullmq',
        'messaging.operation.type': 'send',
        'messaging.operation.name': 'enqueue',
        'messaging.destination.name': name,
        'messaging.message.id': id,
        'isochron.job.id': jobId,
      };
      await inSpan(`enqueue ${name}`, { kind: SpanKind.PRODUCER, attributes, parent }, () =>
        queue.enqueue(name, { ...data, traceparent: currentTraceparent() ?? parent }, id),
      );
    },
  };
}
