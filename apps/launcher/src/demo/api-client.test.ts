import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiClient, ApiError } from './api-client.js';

async function answering(status: number, body: string): Promise<{ client: ApiClient; close: () => void }> {
  const server = http.createServer((_, response) => response.writeHead(status).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { client: new ApiClient(`http://127.0.0.1:${port}`, 'iso_key'), close: () => void server.close() };
}

describe('the API client', () => {
  test('says which fields the API refused and what it expected', async () => {
    const problem = {
      type: 'about:blank',
      title: 'The request is not valid',
      status: 400,
      detail: 'one field is not valid',
      code: 'invalid_request',
      fault: 'user',
      errors: [{ field: 'ratios[1]', value: 1.5, expected: 'a number up to 0.95' }],
    };
    const { client, close } = await answering(400, JSON.stringify(problem));
    const error = await client.getJob('x').catch((e: unknown) => e);
    close();
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).code).toBe('invalid_request');
    expect((error as ApiError).message).toBe(
      'GET /v1/jobs/x was answered 400 (invalid_request): one field is not valid\n' +
        '  ratios[1]: a number up to 0.95, got 1.5',
    );
  });

  test('passes on an error that is no problem document', async () => {
    const { client, close } = await answering(502, '<h1>Bad gateway</h1>');
    await expect(client.getJob('x')).rejects.toThrow('GET /v1/jobs/x was answered 502: <h1>Bad gateway</h1>');
    close();
  });

  test('refuses an answer that breaks the contract', async () => {
    const { client, close } = await answering(200, '{"id":"x"}');
    await expect(client.getJob('x')).rejects.toThrow('teamId');
    close();
  });
});
