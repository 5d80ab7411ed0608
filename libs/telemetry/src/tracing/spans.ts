import {
  context,
  INVALID_SPAN_CONTEXT,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
} from '@opentelemetry/api';
import { withoutSecrets } from '#runtime';

export { SpanKind, SpanStatusCode, type Attributes, type Span };

export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** W3C trace context of the parent; without it the parent is the span that is going on, if any. */
  readonly parent?: string | undefined;
}

const TRACER = 'isochron';

/**
 * Begins a span that its owner ends. Without an SDK (tracing is off) it records nothing.
 * @param parent where it belongs to, where that is not what is going on
 */
export function beginSpan(name: string, { kind, attributes, parent }: SpanOptions): Span {
  const inside = parent === undefined ? context.active() : contextOf({ traceparent: parent });
  return trace.getTracer(TRACER).startSpan(name, { kind, attributes }, inside);
}

/** Begins the span of a request from its headers (traceparent and tracestate). */
export function beginServerSpan(name: string, headers: object, attributes: Attributes): Span {
  return trace.getTracer(TRACER).startSpan(name, { kind: SpanKind.SERVER, attributes }, contextOf(headers));
}

/** A span of what is not worth a trace. */
export function noSpan(): Span {
  return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
}

/** Runs `work` with the span as the one that is going on. */
export function withSpan<T>(span: Span, work: () => T): T {
  return context.with(trace.setSpan(context.active(), span), work);
}

/** Runs `work` in a span, which ends with it and tells its error. @throws what `work` throws */
export async function inSpan<T>(
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const span = beginSpan(name, options);
  try {
    return await withSpan(span, () => work(span));
  } catch (error) {
    noteError(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** Marks a span as failed. */
export function noteError(span: Span, error: unknown): void {
  const { name, message, stack, code } = (
    error instanceof Error ? error : new Error(String(error))
  ) as Error & {
    code?: unknown;
  };
  const shown = withoutSecrets(message);
  span.recordException({ name, message: shown, stack: withoutSecrets(stack ?? '') });
  span.setAttribute('error.type', typeof code === 'string' ? code : name);
  span.setStatus({ code: SpanStatusCode.ERROR, message: shown });
}

/** Adds to the span that is going on. */
export function addSpanAttributes(attributes: Attributes): void {
  trace.getActiveSpan()?.setAttributes(attributes);
}

/** W3C trace context of what is going on, for whoever goes on with it; undefined while tracing is off. */
export function currentTraceparent(): string | undefined {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}

/** For log lines: which trace a span belongs to; nothing while tracing is off. */
export function traceFields(span: Span): { traceId?: string } {
  return span.isRecording() ? { traceId: span.spanContext().traceId } : {};
}

function contextOf(carrier: object): Context {
  return propagation.extract(ROOT_CONTEXT, carrier);
}
