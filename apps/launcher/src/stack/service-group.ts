import path from 'node:path';
import { memoryOptionsOf, onShutdown, spawnService, type RunningService } from '#runtime';
import { ServiceLog } from './service-log.js';
import { SupervisedService } from './supervised-service.js';
import type { Terminal } from '../terminal/terminal.js';

export type ServiceName = 'api' | 'worker' | 'agent';

interface Start {
  readonly name: ServiceName;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether it is started again when it ends by itself; default: no. */
  readonly restarts?: boolean;
}

/** A service that could not be started or that ended by itself; the message has its exit code and last log lines. */
export class ServiceFailedError extends Error {
  override readonly name = 'ServiceFailedError';
}

/** The launcher's child processes: started one after the other, stopped in the opposite order. */
export class ServiceGroup {
  #closing = false;

  constructor(
    private readonly logFolder: string,
    private readonly terminal: Terminal,
    /** Told when a service has ended without having been stopped, and is not started again. */
    private readonly onFailure: (error: ServiceFailedError) => void,
  ) {}

  /**
   * Starts a service and waits until it serves. Should it end later without being stopped, it is started again where that is asked
   * for; where it is not, or does not help, `onFailure` is told.
   * @throws ServiceFailedError when it ends before it serves.
   */
  async start({ name, args = [], env, restarts = false }: Start): Promise<RunningService> {
    const log = ServiceLog.open(this.logFolder, name, (text) => this.terminal.warn(`${name}: ${text}`));
    const memory = memoryOptionsOf(name);
    const supervised = new SupervisedService({
      spawn: (before) =>
        spawnService({
          ...{ name, entry: entryOf(name), args, stdout: log.fd, stderr: log.fd },
          ...{ nodeArgs: memory.nodeArgs, env: { ...memory.env, ...env, ...placeOf(before) } },
        }),
      restarts,
      onRestart: (how) =>
        this.terminal.warn(`the ${name} process ended unexpectedly (${how}): it is started again`),
      onFailure: (how) => this.#fail(name, how, log),
    });
    onShutdown(async () => {
      this.#closing = true;
      await supervised.stop();
      log.close();
    });
    const service = await supervised.start().catch((error: Error) => {
      throw new ServiceFailedError(describeFailure(error.message, log));
    });
    return this.#closing ? forever() : service;
  }

  #fail(name: ServiceName, how: string, log: ServiceLog): void {
    if (this.#closing) return;
    this.#closing = true;
    this.onFailure(
      new ServiceFailedError(describeFailure(`the ${name} process ended unexpectedly (${how})`, log)),
    );
  }
}

/** A process that serves in the place of another one has its port; a worker serves nothing but metrics. */
function placeOf(before: RunningService | undefined): Readonly<Record<string, string>> {
  if (before?.url === undefined) return {};
  return { [before.name === 'worker' ? 'METRICS_PORT' : 'PORT']: new URL(before.url).port };
}

function entryOf(name: ServiceName): string {
  return path.resolve(import.meta.dirname, `../../../${name}/src/main.js`);
}

function describeFailure(what: string, log: ServiceLog): string {
  return `${what}; the end of ${log.file}:\n${log.tail()}`;
}

/** The process is being shut down and ends by itself: nobody waits for the answer. */
function forever(): Promise<never> {
  return new Promise(() => {});
}
