import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  ExtendLease,
  MeasuringProtocol,
  UploadCell,
  type FailTask,
  type LeasedTask,
  type OperatingPoint,
} from '#contracts';
import { waitUntil } from '#testkit';

type State = 'queued' | 'leased' | 'completed' | 'failed' | 'cancelled';

/** A task as the test sees it. */
export interface ServedTask {
  readonly id: string;
  state: State;
  token: string | undefined;
  leases: number;
  heartbeats: number;
  /** What extensions said, in turn. */
  readonly waits: (string | undefined)[];
  readonly uploads: Map<number, UploadCell>;
  error: FailTask['error'] | undefined;
  readonly definition: Omit<LeasedTask, 'leaseToken' | 'doneCells' | 'doneMedians' | 'leaseExpiresAt'>;
}

const DEVICE = randomUUID();
const LEASE_MS = 1_500;

/** The lease protocol of the API on a real HTTP server, as far as an agent needs it, with faults at will. */
export class LeaseServer {
  readonly device = DEVICE;
  readonly downloads: string[] = [];
  readonly tasks: ServedTask[] = [];
  /** While true, every request's connection breaks. */
  down = false;
  refused = 0;
  private stopped = false;
  private readonly files = new Map<string, Uint8Array>();
  private readonly server: Server = createServer((request, response) => void this.answer(request, response));

  static async start(): Promise<LeaseServer> {
    const server = new LeaseServer();
    server.server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  /** Adds a task: the given network at every operating point and ratio. */
  add(
    network: Uint8Array,
    points: OperatingPoint[],
    ratios: number[],
    minSampleMs = 5,
    protocol: Partial<MeasuringProtocol> = {},
  ): ServedTask {
    const digest = createHash('sha256').update(network).digest('hex');
    this.files.set(digest, network);
    const now = new Date().toISOString();
    const cells = points.flatMap((point) => ratios.map((ratio) => ({ operatingPoint: point.name, ratio })));
    const onnx = { digest, bytes: network.length, url: `/v1/artifacts/${digest}` };
    const id = randomUUID();
    const task: ServedTask = {
      id,
      state: 'queued',
      token: undefined,
      leases: 0,
      heartbeats: 0,
      waits: [],
      uploads: new Map(),
      error: undefined,
      definition: {
        ...{ id, teamId: randomUUID(), owner: 'test', createdAt: now, updatedAt: now, deviceId: DEVICE },
        ...{ purpose: 'profile', state: 'leased', cellsDone: 0, selection: { kind: 'all' } },
        input: { channels: 1, height: 8, width: 8 },
        protocol: MeasuringProtocol.parse({
          ...{ batch: 8, threads: 1, warmupSamples: 1, samples: 3, maxSamples: 3, minSampleMs },
          ...{ referenceEveryCells: 0, ...protocol },
        }),
        operatingPoints: points,
        subnets: ratios.map((ratio) => ({ ratio, widths: { stem: 1 }, macs: 1, parameters: 1, onnx })),
        cells: cells.map((cell, index) => ({ index, ...cell })),
      },
    };
    this.tasks.push(task);
    return task;
  }

  /** Replaces the bytes that a digest leads to. */
  damage(task: ServedTask): void {
    this.files.set(task.definition.subnets[0]!.onnx.digest, Buffer.from('something else'));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.down) {
      this.refused++;
      return void request.socket.destroy();
    }
    const url = request.url ?? '';
    if (url.startsWith('/v1/artifacts/')) return this.sendFile(url, response);
    const body = JSON.parse(await textOf(request)) as Record<string, unknown>;
    if (url === '/v1/measuring-tasks/lease') return this.lease(body, response);
    const [, id, action, index] = /^\/v1\/measuring-tasks\/([^/]+)\/(\w+)\/?(\d*)$/.exec(url) ?? [];
    const task = this.tasks.find((candidate) => candidate.id === id);
    if (!task) return problem(response, 404, 'not_found');
    if (task.state !== 'leased' || body.leaseToken !== task.token)
      return problem(response, 409, 'lease_lost');
    if (action === 'heartbeat') {
      task.heartbeats++;
      task.waits.push(ExtendLease.parse(body).waiting);
      return json(response, { leaseExpiresAt: leaseEnd() });
    }
    if (action === 'cells') task.uploads.set(Number(index), UploadCell.parse(body));
    else task.state = action === 'fail' ? 'failed' : 'completed';
    if (action === 'fail') task.error = body.error as FailTask['error'];
    response.writeHead(204).end();
  }

  private async lease(body: Record<string, unknown>, response: ServerResponse): Promise<void> {
    if (body.deviceId !== DEVICE) return problem(response, 400, 'invalid_request');
    const next = () => this.tasks.find((task) => task.state === 'queued');
    const waitMs = Number(body.waitSeconds) * 1000;
    const news = () => this.stopped || next();
    if (waitMs > 0) await waitUntil('a task', news, waitMs).catch(() => undefined);
    const task = next();
    if (!task) return void response.writeHead(204).end();
    task.state = 'leased';
    task.token = randomUUID();
    task.leases++;
    const leased: LeasedTask = {
      ...task.definition,
      leaseToken: task.token,
      leaseExpiresAt: leaseEnd(),
      doneCells: [...task.uploads.keys()],
      doneMedians: [],
    };
    json(response, leased);
  }

  private sendFile(url: string, response: ServerResponse): void {
    this.downloads.push(url);
    const file = this.files.get(url.slice('/v1/artifacts/'.length));
    if (!file) return problem(response, 404, 'not_found');
    response.writeHead(200).end(file);
  }
}

const leaseEnd = () => new Date(Date.now() + LEASE_MS).toISOString();

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function problem(response: ServerResponse, status: number, code: string): void {
  const body = { type: code, title: code, status, detail: `refused with ${code}`, code, fault: 'device' };
  response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(body));
}
