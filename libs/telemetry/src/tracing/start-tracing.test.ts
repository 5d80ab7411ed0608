import { execFile } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment } from '#runtime';
import { temporaryFolder, TYPESCRIPT_NODE_OPTIONS } from '#testkit';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder('tracing');
});
afterEach(() => folder.remove());

/** What a process prints that has the telemetry at hand; one of its own, for an SDK registers itself with all of it. */
async function printed(source: string, env: Record<string, string> = {}): Promise<unknown> {
  const entry = path.join(folder.path, 'main.mjs');
  const library = path.resolve(import.meta.dirname, '../index.ts');
  await fs.writeFile(entry, `import * as telemetry from ${JSON.stringify(library)};\n${source}`);
  const environment = childEnvironment({ NODE_OPTIONS: TYPESCRIPT_NODE_OPTIONS, ...env });
  const { stdout } = await promisify(execFile)(process.execPath, [entry], { env: environment });
  return JSON.parse(stdout);
}

test('the SDK is loaded only where traces are started', async () => {
  const loaded = await printed(`
    import { createRequire } from 'node:module';
    const { cache } = createRequire(import.meta.url);
    const isThere = () => Object.keys(cache).some((file) => file.includes('@opentelemetry/sdk-node'));
    const before = isThere();
    await telemetry.startTracing({ name: 'test', version: '1', instance: 'a', onError: () => {} });
    console.log(JSON.stringify([before, isThere()]));
    process.exit(0);
  `);
  expect(loaded).toEqual([false, true]);
});

/** A collector on a free port; what it was posted. */
async function aCollector() {
  const posted: { path: string | undefined; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('latin1').on('data', (text: string) => (body += text));
    request.on('end', () => {
      posted.push({ path: request.url, body });
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { url: `http://127.0.0.1:${port}`, posted, close };
}

test('spans go by OTLP where nothing says how, under the name and attributes that the environment gives', async () => {
  const collector = await aCollector();
  try {
    await printed(
      `
      const stop = await telemetry.startTracing({ name: 'test', version: '1', instance: 'a', onError: () => {} });
      await telemetry.inSpan('some work', {}, () => Promise.resolve());
      await stop();
      console.log('{}');
      process.exit(0);
    `,
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        ...{ OTEL_SERVICE_NAME: 'my-isochron', OTEL_RESOURCE_ATTRIBUTES: 'rack=seven' },
      },
    );
  } finally {
    await collector.close();
  }
  const [request] = collector.posted;
  expect(request?.path).toBe('/v1/traces');
  for (const text of ['some work', 'my-isochron', 'rack', 'seven']) expect(request?.body).toContain(text);
});

test('a collector that is away costs traces, and nothing else', async () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_EXPORTER_OTLP_TIMEOUT: '200' };
  const result = await printed(
    `
    const messages = [];
    const onError = (message) => messages.push(message);
    const stop = await telemetry.startTracing({ name: 'test', version: '1', instance: 'a', onError });
    const traceparent = await telemetry.inSpan('work', {}, () => Promise.resolve(telemetry.currentTraceparent()));
    await stop();
    console.log(JSON.stringify({ traceparent, told: messages.length > 0 }));
    process.exit(0);
  `,
    env,
  );
  expect(result).toEqual({
    traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
    told: true,
  });
});
