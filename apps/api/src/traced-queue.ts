import type { QueueData, QueuedMessage, QueueName, WorkQueue } from '#queue';
import { beginSpan, currentTraceparent, noteError, SpanKind, withSpan, type Span } from '#telemetry';

type Enqueue = Pick<WorkQueue, 'enqueue' | 'enqueueAll' | 'enqueueFlow' | 'missing' | 'expedite'>;

/** Puts messages into the queue, each in a span of the trace that it belongs to; workers go on from there. */
export function tracedQueue(queue: Enqueue): Enqueue {
  return {
    enqueue: async (name, data, how) => {
      const { span, data: traced } = begun(name, data);
      await endedBy(queue.enqueue(name, traced, how), span);
    },
    enqueueAll: (name, messages) => {
      const all = messages.map(({ data, how }) => ({ ...begun(name, data), how }));
      const sent = queue.enqueueAll(
        name,
        all.map(({ data, how }) => ({ data, how })),
      );
      return Promise.allSettled(all.map(({ span }, index) => endedBy(resultOf(sent, index), span)));
    },
    enqueueFlow: async (last, others) => {
      const spans: (Span | undefined)[] = [];
      const traced = (message: QueuedMessage) => {
        const { span, data } = begun(message.queue, message.data);
        spans.push(span);
        return { ...message, data } as QueuedMessage;
      };
      const sent = queue.enqueueFlow(traced(last), others.map(traced));
      await Promise.all(spans.map((span) => endedBy(sent, span)));
    },
    expedite: (name, id) => queue.expedite(name, id),
    missing: (name, messages) => queue.missing(name, messages),
  };
}

/** A message's data with the span that begins here as what it came of; a message of no trace stays as it is. */
function begun<N extends QueueName>(name: N, data: QueueData<N>): { span?: Span; data: QueueData<N> } {
  const { traceparent: parent } = data;
  if (parent === undefined) return { data };
  const attributes = {
    'messaging.system': 'bullmq',
    'messaging.operation.type': 'send',
    'messaging.operation.name': 'enqueue',
    'messaging.destination.name': name,
    ...('jobId' in data ? { 'isochron.job.id': data.jobId } : { 'isochron.sweep.id': data.sweepId }),
  };
  const span = beginSpan(`enqueue ${name}`, { kind: SpanKind.PRODUCER, attributes, parent });
  return { span, data: { ...data, traceparent: withSpan(span, currentTraceparent) ?? parent } };
}

/** Ends a message's span with the sending. @throws what `sent` does */
async function endedBy(sent: Promise<void>, span: Span | undefined): Promise<void> {
  try {
    await sent;
  } catch (error) {
    if (span !== undefined) noteError(span, error);
    throw error;
  } finally {
    span?.end();
  }
}

/** Of one of many messages that are sent at once. */
async function resultOf(sent: Promise<PromiseSettledResult<void>[]>, index: number): Promise<void> {
  const result = (await sent)[index]!;
  if (result.status === 'rejected') throw result.reason;
}
