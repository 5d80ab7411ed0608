import { once } from 'node:events';
import http from 'node:http';
import type net from 'node:net';

/** 503, a closed connection, or no answer at all. */
export type Fault = 'refuse' | 'cut' | 'hang';

export interface FaultyProxy {
  readonly url: string;
  /** The next so many requests fail. */
  fail(requests: number, fault: Fault): void;
  /** Once so many requests have passed, all fail. */
  passThenFail(requests: number): void;
  /** Every answer that is longer breaks off after so many bytes. */
  breakAnswersAfter(bytes: number): void;
  close(): Promise<void>;
}

/** An HTTP server that hands requests on to another one, or fails as it is told to. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const state = { passing: 0, failing: 0, fault: 'refuse' as Fault, answerBytes: Infinity };
  const server = http.createServer((request, response) => {
    if (state.passing > 0) state.passing--;
    else if (state.failing > 0) {
      state.failing--;
      return void failWith(state.fault, request, response);
    }
    handOn(target, request, response, state.answerBytes);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    fail: (requests, fault) => Object.assign(state, { passing: 0, failing: requests, fault }),
    passThenFail: (requests) =>
      Object.assign(state, { passing: requests, failing: Infinity, fault: 'refuse' }),
    breakAnswersAfter: (bytes) => Object.assign(state, { answerBytes: bytes }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function failWith(fault: Fault, request: http.IncomingMessage, response: http.ServerResponse): void {
  if (fault === 'cut') request.socket.destroy();
  if (fault === 'refuse') request.resume().once('end', () => response.writeHead(503).end());
}

function handOn(
  target: string,
  request: http.IncomingMessage,
  response: http.ServerResponse,
  answerBytes: number,
): void {
  const { method, headers, url } = request;
  const passed = http.request(new URL(url!, target), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode!, answer.headers);
    let sent = 0;
    answer.on('data', (chunk: Buffer) => {
      sent += chunk.length;
      if (sent > answerBytes) return void response.destroy();
      response.write(chunk);
    });
    answer.once('end', () => response.end());
  });
  passed.on('error', () => response.destroy());
  request.pipe(passed);
}
