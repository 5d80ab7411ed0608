import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Pair {
  readonly key: string;
  readonly value: string;
}

interface Metric {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

/** What requests say; each has a part of it. */
interface Input {
  readonly experiment_name: string;
  readonly name: string;
  readonly experiment_id: string;
  readonly run_name: string;
  readonly run_id: string;
  readonly filter: string;
  readonly status: string;
  readonly end_time: number | undefined;
  readonly params: readonly Pair[];
  readonly metrics: readonly Metric[];
  readonly tags: readonly Pair[];
}

interface Run {
  readonly experimentId: string;
  readonly name: string;
  status: string;
  endTime: number | undefined;
  readonly params: Map<string, string>;
  /** As they came: a repeated one is there twice. */
  readonly metrics: Metric[];
  readonly tags: Map<string, string>;
}

/** A text is sent as it is. */
type Answer = readonly [status: number, body: object | string];
type Break = 'before' | 'after' | 'never' | Answer;

const missing = (what: string): Answer => [
  404,
  { error_code: 'RESOURCE_DOES_NOT_EXIST', message: `no ${what}` },
];

/** The part of MLflow's tracking API that runs are logged by: real HTTP, kept in memory. */
export class FakeMlflow {
  readonly experiments = new Map<string, string>();
  readonly runs = new Map<string, Run>();
  readonly authorizations = new Set<string | undefined>();
  /** What to do in place of an answer; `after` carries the request out and then loses the answer. One that takes time is slow. */
  breaks: (path: string) => Break | undefined | Promise<Break | undefined> = () => undefined;

  private constructor(private readonly server: Server) {}

  static async open(): Promise<FakeMlflow> {
    const server = createServer((request, response) => {
      const respond = async () => {
        const path = new URL(request.url!, 'http://mlflow').pathname.replace('/api/2.0/mlflow/', '');
        const breaks = await fake.breaks(path);
        if (breaks === 'never') return;
        if (breaks === 'before') return void request.socket.destroy();
        const input = await inputOf(request);
        fake.authorizations.add(request.headers.authorization);
        const [status, body] = Array.isArray(breaks) ? (breaks as Answer) : fake.answer(path, input);
        if (breaks === 'after') return void request.socket.destroy();
        response
          .writeHead(status, { 'content-type': 'application/json' })
          .end(typeof body === 'string' ? body : JSON.stringify(body));
      };
      void respond();
    });
    const fake = new FakeMlflow(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The only one. */
  get run(): Run {
    if (this.runs.size !== 1) throw new Error(`expected one run, there are ${this.runs.size}`);
    return [...this.runs.values()][0]!;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private answer(path: string, input: Input): Answer {
    if (path === 'experiments/get-by-name') return this.experimentByName(input.experiment_name);
    if (path === 'experiments/create') return this.createExperiment(input.name);
    if (path === 'runs/create') return this.createRun(input);
    if (path === 'runs/search') return this.search(input);
    const run = this.runs.get(input.run_id);
    if (run === undefined) return missing(`run ${input.run_id}`);
    if (path === 'runs/get') return [200, { run: { data: { tags: tagList(run) } } }];
    if (path === 'runs/update') Object.assign(run, { status: input.status, endTime: input.end_time });
    if (path === 'runs/log-batch') return this.logBatch(run, input);
    return [200, {}];
  }

  private experimentByName(name: string): Answer {
    const id = this.experiments.get(name);
    return id === undefined ? missing('experiment') : [200, { experiment: { experiment_id: id } }];
  }

  private createExperiment(name: string): Answer {
    if (this.experiments.has(name)) return [400, { error_code: 'RESOURCE_ALREADY_EXISTS', message: name }];
    this.experiments.set(name, String(this.experiments.size + 1));
    return [200, { experiment_id: this.experiments.get(name) }];
  }

  private createRun({ experiment_id: experimentId, run_name: name, tags }: Input): Answer {
    const id = `run-${this.runs.size + 1}`;
    const given = new Map(tags.map(({ key, value }) => [key, value]));
    const nothing = { params: new Map<string, string>(), metrics: [], endTime: undefined };
    this.runs.set(id, { experimentId, name, status: 'RUNNING', tags: given, ...nothing });
    return [200, { run: { info: { run_id: id } } }];
  }

  private search({ filter }: Input): Answer {
    const [, key, value] = /^tags\.`(.+)` = '(.+)'$/.exec(filter)!;
    const found = [...this.runs].filter(([, { tags }]) => tags.get(key!) === value);
    return [200, found.length === 0 ? {} : { runs: found.map(([id]) => ({ info: { run_id: id } })) }];
  }

  private logBatch(run: Run, { params, metrics, tags }: Input): Answer {
    const sizes = [params.length, tags.length, metrics.length];
    if (sizes.some((size, kind) => size > [100, 100, 1000][kind]!) || sum(sizes) > 1000)
      return [400, { error_code: 'INVALID_PARAMETER_VALUE', message: 'a batch is too large' }];
    for (const { key, value } of params) {
      if ((run.params.get(key) ?? value) !== value)
        return [400, { error_code: 'INVALID_PARAMETER_VALUE', message: `param ${key} must not change` }];
      run.params.set(key, value);
    }
    run.metrics.push(...metrics);
    for (const { key, value } of tags) run.tags.set(key, value);
    return [200, {}];
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
const tagList = ({ tags }: Run) => [...tags].map(([key, value]) => ({ key, value }));

async function inputOf(request: IncomingMessage): Promise<Input> {
  if (request.method === 'GET')
    return Object.fromEntries(new URL(request.url!, 'http://mlflow').searchParams) as unknown as Input;
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return JSON.parse(body) as Input;
}
