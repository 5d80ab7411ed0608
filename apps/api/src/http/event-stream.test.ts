import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Express } from 'express';
import { waitUntil } from '#testkit';
import type { Caller } from '#contracts';
import { identifies } from '../access/identity.js';
import { sendEvents, untilGone } from './event-stream.js';

const CALLER: Caller = { keyId: 'key', teamId: 'team', owner: 'owner', role: 'viewer' };

/** A server of one stream that nothing comes on, for whoever `identify` says it is. */
async function streamServer(identify: () => Promise<Caller | undefined>) {
  const app: Express = new ExpressAdapter().getInstance();
  app.use(identifies({ identify }));
  app.get('/', async (_request, response) => {
    const signal = untilGone(response, new AbortController().signal, 5);
    await sendEvents(response, untilAborted(signal), signal);
  });
  const server = http.createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, close: () => new Promise((resolve) => server.close(resolve)) };
}

async function* untilAborted(signal: AbortSignal) {
  if (!signal.aborted) await once(signal, 'abort');
  yield* [];
}

test('a stream ends when the key that opened it is revoked, not while keys cannot be looked up', async () => {
  let looks = 0;
  let keys: 'there' | 'away' | 'revoked' = 'there';
  const server = await streamServer(() => {
    looks++;
    if (keys === 'away') return Promise.reject(new Error('the database is away'));
    return Promise.resolve(keys === 'there' ? CALLER : undefined);
  });
  try {
    const response = await fetch(server.url, { headers: { authorization: 'Bearer iso_secret' } });
    let ended = false;
    const body = response.text().then(() => (ended = true));
    keys = 'away';
    const before = looks;
    await waitUntil('it was looked up in vain', () => looks > before + 2);
    expect(ended).toBe(false);
    keys = 'revoked';
    await body;
  } finally {
    await server.close();
  }
});
