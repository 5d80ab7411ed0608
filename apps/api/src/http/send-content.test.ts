import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Response } from 'express';
import { sendContent } from './send-content.js';

const CHUNK = 2 ** 18;

/** Serves content; what comes of sending it is in `outcomes`. */
async function serving(contentOf: () => Readable, announcedBytes?: number) {
  const outcomes: Promise<unknown>[] = [];
  const contents: Readable[] = [];
  const server: Server = createServer((_, response) => {
    const content = contentOf();
    contents.push(content);
    if (announcedBytes !== undefined) response.setHeader('Content-Length', announcedBytes);
    const sent = sendContent(response as unknown as Response, content).then(
      () => 'sent',
      (error: Error) => (response.destroy(), error.message),
    );
    outcomes.push(sent);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const ask = async () => {
    const request = get({ port: (server.address() as AddressInfo).port });
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    return answer;
  };
  return { ask, outcomes, contents, close: () => new Promise((resolve) => server.close(resolve)) };
}

function* chunks(count: number, made: Buffer[] = []): Generator<Buffer> {
  for (let i = 0; i < count; i++) {
    made.push(Buffer.allocUnsafeSlow(CHUNK).fill(i));
    yield made.at(-1)!;
  }
}

test('content arrives as it was, and its chunks have given their memory back', async () => {
  const made: Buffer[] = [];
  const { ask, outcomes, close } = await serving(() => Readable.from(chunks(20, made)));
  const answer = await buffer(await ask());
  expect(answer.equals(Buffer.concat([...chunks(20)]))).toBe(true);
  expect(await outcomes[0]).toBe('sent');
  expect(made.map(({ length }) => length)).toEqual(made.map(() => 0));
  await close();
});

test('a client that leaves is no error, and the content is closed', async () => {
  const { ask, outcomes, contents, close } = await serving(() => Readable.from(chunks(10_000)));
  const answer = await ask();
  await once(answer, 'data');
  answer.destroy();
  expect(await outcomes[0]).toBe('sent');
  expect(contents[0]!.destroyed).toBe(true);
  await close();
});

test('an error of the content is told', async () => {
  const failing = () =>
    Readable.from(
      (async function* () {
        yield* chunks(2);
        await Promise.reject(new Error('the disk is gone'));
      })(),
    );
  const { ask, outcomes, close } = await serving(failing);
  const answer = await ask();
  await expect(buffer(answer)).rejects.toThrow('aborted');
  expect(await outcomes[0]).toBe('the disk is gone');
  await close();
});

test('content that is shorter than announced, or ends without an end, breaks the answer off', async () => {
  const unfinished = () => {
    const content = new Readable({ read() {} });
    content.push(Buffer.alloc(1000));
    setImmediate(() => content.destroy());
    return content;
  };
  for (const content of [() => Readable.from(chunks(2)), unfinished]) {
    const { ask, outcomes, close } = await serving(content, 3 * CHUNK);
    await expect(ask().then(buffer)).rejects.toThrow(/aborted|hang up/);
    expect(await outcomes[0]).toMatch(/content-length|Premature close/);
    await close();
  }
});
