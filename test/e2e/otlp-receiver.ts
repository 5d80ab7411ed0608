import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

type Attributes = Readonly<Record<string, unknown>>;

export interface ReceivedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: Attributes;
  readonly events: readonly { name: string; attributes: Attributes }[];
}

export interface OtlpReceiver {
  readonly url: string;
  readonly spans: () => readonly ReceivedSpan[];
  close(): Promise<void>;
}

/** Takes traces as a collector does: OTLP over HTTP, as JSON. */
export async function otlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      if (request.url === '/v1/traces') spans.push(...spansIn(JSON.parse(text.toString())));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, spans: () => spans, close };
}

function spansIn({ resourceSpans }: any): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }: any) =>
    scopeSpans.flatMap(({ spans }: any) =>
      spans.map((span: any) => ({
        ...span,
        service: attributesIn(resource.attributes)['service.name'],
        attributes: attributesIn(span.attributes),
        events: (span.events ?? []).map((event: any) => ({
          ...event,
          attributes: attributesIn(event.attributes),
        })),
      })),
    ),
  );
}

/** Of OTLP's `{ key, value: { stringValue } }`. */
function attributesIn(list: readonly { key: string; value: Record<string, any> }[] = []): Attributes {
  return Object.fromEntries(
    list.map(({ key, value }) => {
      const [kind, plain] = Object.entries(value)[0]!;
      return [key, kind === 'intValue' ? Number(plain) : plain];
    }),
  );
}
