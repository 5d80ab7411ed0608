import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ServerClient } from './server-client.js';
import { ServerError, ServerUnreachableError } from './server-error.js';

/** Paths that were asked for, with which key, and how each request is answered. */
let asked: string[];
let authorizations: (string | undefined)[];
let answer: (response: ServerResponse) => void;
const server = createServer((request, response) => {
  asked.push(request.url ?? '');
  authorizations.push(request.headers.authorization);
  answer(response);
});
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
});
beforeEach(() => {
  asked = [];
  authorizations = [];
  answer = (response) => void response.writeHead(204).end();
});

const { signal } = new AbortController();
const request = { deviceId: randomUUID(), agent: { name: 'test', version: '1' }, waitSeconds: 0 };
const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const client = (path = '') => new ServerClient(new URL(origin() + path));

describe('the URL of the server', () => {
  it.each([
    ['', ''],
    ['/', ''],
    ['/isochron', '/isochron'],
    ['/labs/isochron/', '/labs/isochron'],
    ['/isochron?from=mail#top', '/isochron'],
  ])('"%s": requests go below it', async (path, prefix) => {
    await client(path).lease(request, signal);
    await client(path).download('/v1/artifacts/0', signal);
    expect(asked).toEqual([`${prefix}/v1/measuring-tasks/lease`, `${prefix}/v1/artifacts/0`]);
  });

  it('does not matter to what has a URL of its own', async () => {
    await client('/isochron').download(`${origin()}/elsewhere/0`, signal);
    expect(asked).toEqual(['/elsewhere/0']);
  });
});

describe('the key', () => {
  it('goes with every request to the server, and to no other server', async () => {
    const keyed = new ServerClient(new URL(origin()), 'iso_key');
    await keyed.lease(request, signal);
    await keyed.download('/v1/artifacts/0', signal);
    await keyed.download(`${origin().replace('127.0.0.1', 'localhost')}/elsewhere/0`, signal);
    expect(authorizations).toEqual(['Bearer iso_key', 'Bearer iso_key', undefined]);
  });

  it('is not sent where there is none', async () => {
    await client().lease(request, signal);
    expect(authorizations).toEqual([undefined]);
  });
});

describe('a request fails', () => {
  it('with status and code of the answer', async () => {
    answer = (response) => {
      const problem = {
        type: 'x',
        title: 'x',
        status: 409,
        detail: 'no',
        code: 'lease_lost',
        fault: 'device',
      };
      response.writeHead(409, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
    };
    const error: unknown = await client()
      .lease(request, signal)
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ServerError);
    expect(error).toMatchObject({ status: 409, code: 'lease_lost' });
  });

  it('with the field that is not as the contract says', async () => {
    answer = (response) => void response.writeHead(200).end('{"id": 7}');
    const leasing = client().lease(request, signal);
    await expect(leasing).rejects.toThrow(ServerError);
    await expect(leasing).rejects.toThrow(/lease answered 200: id: .*expected string/);
  });

  it('when what answers is no server of this kind', async () => {
    answer = (response) => void response.writeHead(200).end('<html>Welcome</html>');
    const leasing = client().lease(request, signal);
    await expect(leasing).rejects.toThrow(ServerError);
    await expect(leasing).rejects.toThrow('lease answered 200: the content:');
  });

  it('as unreachable when the answer breaks off, and when it is aborted', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{');
      response.destroy();
    };
    await expect(client().lease(request, signal)).rejects.toThrow(ServerUnreachableError);
    await expect(client().lease(request, AbortSignal.abort())).rejects.toThrow(ServerUnreachableError);
  });

  it('as the fault of the task where the bytes of a network are not there', async () => {
    answer = (response) => void response.writeHead(404).end('gone');
    await expect(client().download('/v1/artifacts/0', signal)).rejects.toMatchObject({
      code: 'measuring_failed',
    });
  });
});
