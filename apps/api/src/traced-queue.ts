import type { QueueData, QueueName, WorkQueue } from '#queue';
import { currentTraceparent, inSpan, SpanKind } from '#telemetry';

type Enqueue = Pick<WorkQueue, 'enqueue' | 'enqueueFlow' | 'expedite'>;

/** Puts messages into the queue in a span of the trace that they belong to; workers go on from there. */
export function tracedQueue(queue: Enqueue): Enqueue {
  return {
    enqueueFlow: (last, others) => queue.enqueueFlow(last, others),
    expedite: (name, id) => queue.expedite(name, id),
    enqueue: async <N extends QueueName>(
      name: N,
      data: QueueData<N>,
      how: Parameters<Enqueue['enqueue']>[2],
    ) => {
      const { traceparent: parent } = data;
      if (parent === undefined) return queue.enqueue(name, data, how);
      const attributes = {
        'messaging.system': 'bullmq',
        'messaging.operation.type': 'send',
        'messaging.operation.name': 'enqueue',
        'messaging.destination.name': name,
        ...('jobId' in data ? { 'isochron.job.id': data.jobId } : { 'isochron.sweep.id': data.sweepId }),
      };
      await inSpan(`enqueue ${name}`, { kind: SpanKind.PRODUCER, attributes, parent }, () =>
        queue.enqueue(name, { ...data, traceparent: currentTraceparent() ?? parent }, how),
      );
    },
  };
}
