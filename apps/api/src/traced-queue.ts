import type { QueueData, QueueName, WorkQueue } from '#queue';
import { currentTraceparent, inSpan, SpanKind } from '#telemetry';

type Enqueue = Pick<WorkQueue, 'enqueue' | 'enqueueAll' | 'enqueueFlow' | 'missing' | 'expedite'>;

/** Puts messages into the queue in a span of the trace that they belong to; workers go on from there. */
export function tracedQueue(queue: Enqueue): Enqueue {
  return {
    enqueue: (name, data, how) => inSpanOf(name, data, (traced) => queue.enqueue(name, traced, how)),
    enqueueAll: <N extends QueueName>(name: N, messages: Parameters<typeof queue.enqueueAll<N>>[1]) => {
      const traced: { data: QueueData<N>; how: (typeof messages)[number]['how'] }[] = [];
      // All spans begin here, one after the other, before anything is sent; each ends with its message's result.
      const spans = messages.map(({ data, how }, index) =>
        inSpanOf(name, data, async (own) => {
          traced[index] = { data: own, how };
          await Promise.resolve();
          const result = (await sent)[index]!;
          if (result.status === 'rejected') throw result.reason;
        }),
      );
      const sent = queue.enqueueAll(name, traced);
      return Promise.allSettled(spans);
    },
    enqueueFlow: (last, others) => queue.enqueueFlow(last, others),
    expedite: (name, id) => queue.expedite(name, id),
    missing: (name, messages) => queue.missing(name, messages),
  };
}

/** @param work is given the message's data, with the span as what it came of */
async function inSpanOf<N extends QueueName>(
  name: N,
  data: QueueData<N>,
  work: (data: QueueData<N>) => Promise<void>,
): Promise<void> {
  const { traceparent: parent } = data;
  if (parent === undefined) return work(data);
  const attributes = {
    'messaging.system': 'bullmq',
    'messaging.operation.type': 'send',
    'messaging.operation.name': 'enqueue',
    'messaging.destination.name': name,
    ...('jobId' in data ? { 'isochron.job.id': data.jobId } : { 'isochron.sweep.id': data.sweepId }),
  };
  await inSpan(`enqueue ${name}`, { kind: SpanKind.PRODUCER, attributes, parent }, () =>
    work({ ...data, traceparent: currentTraceparent() ?? parent }),
  );
}
