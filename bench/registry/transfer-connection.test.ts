import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TransferConnection } from './transfer-connection.js';

let server: Server;
let url: string;
let sockets: Set<unknown>;
beforeAll(async () => {
  sockets = new Set();
  server = createServer((request, response) => {
    sockets.add(request.socket);
    if (request.url === '/cut') return request.socket.destroy();
    let bytes = 0;
    request.on('data', (data: Buffer) => (bytes += data.length));
    request.on('end', () => {
      const answer = Buffer.from(`${String(request.headers['x-key'])} ${bytes} ${'ü'.repeat(2_000_000)}`);
      response.writeHead(202, { 'Content-Length': answer.length, ETag: '"a:b"' });
      response.write(answer.subarray(0, 1001));
      setImmediate(() => response.end(answer.subarray(1001)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

test('a connection asks one thing after the other, whatever the pieces are that bodies come and go in', async () => {
  const connection = await TransferConnection.open(url);
  for (const size of [0, 3_000_000]) {
    const parts: Buffer[] = [];
    const headers = { 'content-length': String(size), 'x-key': 'k' };
    const { status, headers: answered } = await connection.ask(
      'POST /',
      headers,
      (part) => parts.push(Buffer.from(part)),
      (write) => write(Buffer.alloc(size)),
    );
    expect([status, answered.get('etag')]).toEqual([202, '"a:b"']);
    expect(Buffer.concat(parts).toString()).toBe(`k ${size} ${'ü'.repeat(2_000_000)}`);
  }
  expect(sockets.size).toBe(1);
  connection.close();
});

test('who takes the body may break off, and a connection that is lost fails who asks', async () => {
  const breaking = await TransferConnection.open(url);
  const broken = breaking.ask('GET /', {}, () => {
    throw new Error('enough');
  });
  await expect(broken).rejects.toThrow('enough');
  const cut = await TransferConnection.open(url);
  for (let i = 0; i < 2; i++) await expect(cut.ask('GET /cut', {}, () => {})).rejects.toThrow('closed');
});
