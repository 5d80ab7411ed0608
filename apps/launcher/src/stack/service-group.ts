import path from 'node:path';
import { memoryOptionsOf, onShutdown, spawnService, type RunningService, type ServiceExit } from '#runtime';
import { ServiceLog } from './service-log.js';
import type { Terminal } from '../terminal/terminal.js';

export type ServiceName = 'api' | 'worker' | 'agent';

interface Start {
  readonly name: ServiceName;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
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
    /** Told when a service ends without having been stopped. */
    private readonly onFailure: (error: ServiceFailedError) => void,
  ) {}

  /**
   * Starts a service and waits until it serves. Should it end later without being stopped, `onFailure` is told.
   * @throws ServiceFailedError when it ends before it serves.
   */
  async start({ name, args = [], env }: Start): Promise<RunningService> {
    const log = ServiceLog.open(this.logFolder, name, (text) => this.terminal.warn(`${name}: ${text}`));
    const memory = memoryOptionsOf(name);
    const starting = spawnService({
      ...{ name, entry: entryOf(name), args, stdout: log.fd, stderr: log.fd },
      ...{ nodeArgs: memory.nodeArgs, env: { ...memory.env, ...env } },
    });
    onShutdown(async () => {
      this.#closing = true;
      await starting.then((service) => service.stop()).catch(() => {});
      log.close();
    });
    const service = await starting.catch((error: Error) => {
      throw new ServiceFailedError(describeFailure(error.message, log));
    });
    if (this.#closing) return forever();
    void service.exited.then((exit) => {
      this.#onExit(name, exit, log);
    });
    return service;
  }

  #onExit(name: ServiceName, exit: ServiceExit, log: ServiceLog): void {
    if (this.#closing) return;
    this.#closing = true;
    const how = exit.signal === null ? `exit code ${exit.code ?? 'unknown'}` : `signal ${exit.signal}`;
    this.onFailure(
      new ServiceFailedError(describeFailure(`the ${name} process ended unexpectedly (${how})`, log)),
    );
  }
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
