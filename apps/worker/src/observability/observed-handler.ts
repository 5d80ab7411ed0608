import type { BegunStage } from '#jobs';
import { MessageRefused, type Delivery, type Handler, type QueueData, type QueueName } from '#queue';
import { addLogFields, withLogFields } from '#runtime';
import {
  addSpanAttributes,
  inSpan,
  SpanKind,
  traceFields,
  type HandledMessage,
  type WorkerMetrics,
} from '#telemetry';

/**
 * A handler in a span of the trace that its message belongs to, whose log lines carry the job, and whose time is
 * measured.
 */
export function observedHandler<N extends QueueName>(
  queue: N,
  metrics: WorkerMetrics,
  handle: Handler<N>,
): Handler<N> {
  return (data, delivery) => {
    const { stage, traceparent: parent } = data;
    const attributes = spanAttributes(queue, data, delivery);
    return inSpan(`process ${queue}`, { kind: SpanKind.CONSUMER, attributes, parent }, (span) =>
      withLogFields({ ...idOf(data), stage, ...traceFields(span) }, () =>
        timed({ queue, stage }, metrics, delivery, () => handle(data, delivery)),
      ),
    );
  };
}

/** The attempt of the job that begins now: log lines and span carry it from here on, lines the request that submitted the job, too. */
export function noteAttempt({
  attempt,
  job,
}: {
  attempt: number;
  job: Pick<BegunStage['job'], 'requestId'>;
}): void {
  addLogFields({ attempt, requestId: job.requestId });
  addSpanAttributes({ 'isochron.job.attempt': attempt });
}

const idOf = (data: QueueData<QueueName>) =>
  'jobId' in data ? { jobId: data.jobId } : { sweepId: data.sweepId };

function spanAttributes(queue: QueueName, data: QueueData<QueueName>, delivery: Delivery) {
  return {
    'messaging.system': 'bullmq',
    'messaging.operation.type': 'process',
    'messaging.operation.name': 'process',
    'messaging.destination.name': queue,
    ...('jobId' in data
      ? { 'isochron.job.id': data.jobId, 'isochron.job.stage': data.stage }
      : { 'isochron.sweep.id': data.sweepId }),
    'isochron.message.failed_tries': delivery.attemptsMade,
  };
}

async function timed(
  message: Omit<HandledMessage, 'outcome'>,
  metrics: WorkerMetrics,
  { signal }: Delivery,
  handle: () => Promise<void>,
): Promise<void> {
  const startedMs = performance.now();
  const ended = (outcome: HandledMessage['outcome']) =>
    metrics.ended({ ...message, outcome }, (performance.now() - startedMs) / 1000);
  metrics.begun(message.queue);
  try {
    await handle();
    ended('done');
  } catch (error) {
    ended(outcomeOf(error, signal));
    throw error;
  }
}

function outcomeOf(error: unknown, { aborted }: AbortSignal): HandledMessage['outcome'] {
  if (error instanceof MessageRefused) return 'refused';
  return aborted ? 'stopped' : 'failed';
}
