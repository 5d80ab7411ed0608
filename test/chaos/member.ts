import path from 'node:path';
import { spawnService, type RunningService } from '#runtime';
import { tcpProxy, type TcpProxy } from './tcp-proxy.js';
import { ROOT, type CrashingDatabase, type CrashingServer } from './servers.js';

export interface MemberOptions {
  readonly kind: 'api' | 'worker';
  readonly name: string;
  readonly database: CrashingDatabase;
  readonly redis: CrashingServer | undefined;
  /** Of its own: nothing but the artifacts is shared. */
  readonly dataDir: string;
  readonly artifactsUrl: string;
  /** Marks all processes of the run. */
  readonly env: Readonly<Record<string, string>>;
  readonly log: number;
}

/** A process of the cluster: started again whenever it ends, behind networks of its own. */
export class Member {
  private service: RunningService | undefined;
  private running: Promise<void>;
  private stopping = false;

  private constructor(
    readonly name: string,
    private readonly options: MemberOptions,
    private readonly networks: readonly TcpProxy[],
    private readonly apiPort: number,
  ) {
    this.running = this.keepRunning();
  }

  static async start(options: MemberOptions, apiPort = 0): Promise<Member> {
    const { database, redis } = options;
    const networks = [await tcpProxy(() => database.port())];
    if (redis !== undefined) networks.push(await tcpProxy(() => redis.port()));
    return new Member(options.name, options, networks, apiPort);
  }

  /** Undefined while it is down. */
  get pid(): number | undefined {
    return this.service?.pid;
  }

  kill(): void {
    if (this.pid !== undefined) process.kill(this.pid, 'SIGKILL');
  }

  /** Cuts it off from database and queue. */
  cut(how: 'refuse' | 'swallow'): void {
    for (const network of this.networks) network.cut(how);
  }

  mend(): void {
    for (const network of this.networks) network.mend();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.service?.stop(60_000);
    await this.running;
    for (const network of this.networks) await network.close();
  }

  private async keepRunning(): Promise<void> {
    while (!this.stopping) {
      try {
        this.service = await this.spawn();
        if (this.stopping) await this.service.stop();
        await this.service.exited;
      } catch {
        // It could not start, because a server is down or its network is cut: as under systemd, it tries again.
      }
      this.service = undefined;
    }
  }

  private spawn(): Promise<RunningService> {
    const { kind, name, database, redis, dataDir, artifactsUrl, env, log } = this.options;
    const [toDatabase, toRedis] = this.networks;
    return spawnService({
      name,
      entry: path.join(ROOT, `dist/apps/${kind}/src/main.js`),
      env: {
        ...env,
        NODE_OPTIONS: undefined,
        DATABASE_URL: database.urlAt(toDatabase!.port),
        REDIS_URL: redis && `redis://127.0.0.1:${toRedis!.port}`,
        ARTIFACTS_URL: artifactsUrl,
        DATA_DIR: dataDir,
        PORT: String(this.apiPort),
        WORKER_DRAIN_SECONDS: '20',
        RATE_LIMIT_PER_MINUTE: '0',
      },
      stdout: log,
      stderr: log,
      readyTimeoutMs: 30_000,
    });
  }
}
