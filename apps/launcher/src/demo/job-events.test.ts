import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JobEvent } from '#contracts';
import { jobEvents } from './job-events.js';

const JOB = 'f0e1d2c3-0000-4000-8000-000000000000';
const state = (value: string) => ({ type: 'state', state: value, stage: 'train', attempt: 1 });
const message = (id: number, event: object) =>
  `id: ${id}\nevent: state\ndata: ${JSON.stringify({ ...event, at: '2026-03-01T10:00:00.000Z' })}\n\n`;

const servers: (() => void)[] = [];
afterEach(() => servers.splice(0).forEach((close) => close()));

/** A server whose n-th answer is given by the n-th handler; notes the Last-Event-ID of every request. */
async function serve(handlers: ((response: http.ServerResponse) => void)[]) {
  const seen: (string | undefined)[] = [];
  const server = http.createServer((request, response) => {
    seen.push(request.headers['last-event-id'] as string | undefined);
    handlers[seen.length - 1]!(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  servers.push(close);
  return { url: `http://127.0.0.1:${port}`, seen };
}

async function collect(url: string): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for await (const event of jobEvents(url, JOB, {})) events.push(event);
  return events;
}

describe('the events of a job', () => {
  test('come in order until the final state, wherever the network cuts the stream', async () => {
    const text = message(1, state('queued')) + message(2, state('running')) + message(3, state('succeeded'));
    const server = await serve([
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(text.slice(0, 45));
        setImmediate(() => response.end(text.slice(45)));
      },
    ]);
    const events = await collect(server.url);
    expect(events.map((e) => e.type === 'state' && e.state)).toEqual(['queued', 'running', 'succeeded']);
  });

  test('go on after the last one seen when the connection breaks', async () => {
    const server = await serve([
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(message(1, state('running')), () => response.destroy());
      },
      (response) => response.end(message(2, state('failed'))),
    ]);
    const events = await collect(server.url);
    expect(events.map((e) => e.type === 'state' && e.state)).toEqual(['running', 'failed']);
    expect(server.seen).toEqual([undefined, '1']);
  });

  test('are an error when the API refuses them', async () => {
    const server = await serve([(response) => response.writeHead(404).end('no such job')]);
    await expect(collect(server.url)).rejects.toThrow('404: no such job');
  });

  test('are an error at once when one breaks the contract', async () => {
    const server = await serve([(response) => response.end(message(1, { type: 'progress' }))]);
    await expect(collect(server.url)).rejects.toThrow('progress');
    expect(server.seen).toHaveLength(1);
  });

  test('say how the connection broke last when it cannot be made again', async () => {
    const server = await serve([]);
    servers.splice(0).forEach((close) => close());
    const error = await jobEvents(server.url, JOB, {}, 1)
      .next()
      .catch((e: unknown) => e);
    expect((error as Error).message).toContain(`the progress of job ${JOB} cannot be read`);
    expect((error as Error).cause).toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });
});
