import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpConnection } from './http-connection.js';

test('a connection asks one thing after the other, whatever the pieces are that answers come in', async () => {
  const sockets = new Set<unknown>();
  const server = createServer((request, response) => {
    sockets.add(request.socket);
    let body = '';
    request.on('data', (data: Buffer) => (body += data.toString()));
    request.on('end', () => {
      const answer = Buffer.from(`${String(request.headers['x-key'])} ${body} ${'ü'.repeat(50_000)}`);
      response.writeHead(202, { 'Content-Length': answer.length });
      response.write(answer.subarray(0, 1001));
      setImmediate(() => response.end(answer.subarray(1001)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connection = await HttpConnection.open(url);
  for (const body of ['{}', '{"a":"ä"}']) {
    const answer = await connection.post('/', { 'x-key': 'k' }, body);
    expect([answer.status, answer.body]).toEqual([202, `k ${body} ${'ü'.repeat(50_000)}`]);
  }
  expect(sockets.size).toBe(1);
  const cut = connection.post('/', {}, 'x');
  server.closeAllConnections();
  await expect(cut).rejects.toThrow();
  await new Promise((resolve) => server.close(resolve));
});
