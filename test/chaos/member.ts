import path from 'node:path';
import { spawnService, type RunningService } from '#runtime';
import type { Cut, Endpoint, Network } from './networks/network.js';
import { ROOT, type CrashingDatabase, type CrashingServer } from './servers.js';

export interface MemberOptions {
  readonly kind: 'api' | 'worker';
  readonly name: string;
  readonly database: CrashingDatabase;
  readonly redis: CrashingServer | undefined;
  readonly network: Network;
  /** Of its own: nothing but the artifacts is shared. */
  readonly dataDir: string;
  readonly artifactsUrl: string;
  /** Marks all processes of the run. */
  readonly env: Readonly<Record<string, string>>;
  readonly log: number;
}

/** A process of the cluster: started again whenever it ends, behind a network of its own. */
export class Member {
  private service: RunningService | undefined;
  private running: Promise<void>;
  private stopping = false;

  private constructor(
    readonly name: string,
    private readonly options: MemberOptions,
    private readonly databaseAt: Endpoint,
    private readonly redisAt: Endpoint | undefined,
    private readonly apiPort: number,
  ) {
    this.running = this.keepRunning();
  }

  static async start(options: MemberOptions, apiPort = 0): Promise<Member> {
    const { name, database, redis, network } = options;
    const databaseAt = await network.reach(() => database.port());
    const redisAt = redis && (await network.reach(() => redis.port()));
    return new Member(name, options, databaseAt, redisAt, apiPort);
  }

  /** Undefined while it is down. */
  get pid(): number | undefined {
    return this.service?.pid;
  }

  kill(): void {
    if (this.pid !== undefined) process.kill(this.pid, 'SIGKILL');
  }

  /** Cuts it off from database and queue. */
  cut(how: Cut): void {
    this.options.network.cut(how);
  }

  mend(): void {
    this.options.network.mend();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.service?.stop(60_000);
    await this.running;
    await this.options.network.close();
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
    const { kind, name, database, network, dataDir, artifactsUrl, env, log } = this.options;
    const { redisAt } = this;
    return spawnService({
      name,
      command: network.command,
      entry: path.join(ROOT, `dist/apps/${kind}/src/main.js`),
      env: {
        ...env,
        NODE_OPTIONS: undefined,
        DATABASE_URL: database.urlAt(this.databaseAt),
        REDIS_URL: redisAt && `redis://${redisAt.host}:${redisAt.port}`,
        ARTIFACTS_URL: artifactsUrl,
        DATA_DIR: dataDir,
        HOST: network.address,
        PORT: String(this.apiPort),
        WORKER_NAME: name,
        WORKER_DRAIN_SECONDS: '20',
        RATE_LIMIT_PER_MINUTE: '0',
      },
      stdout: log,
      stderr: log,
      readyTimeoutMs: 30_000,
    });
  }
}
