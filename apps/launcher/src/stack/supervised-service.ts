import { setTimeout as delay } from 'node:timers/promises';
import type { RunningService, ServiceExit } from '#runtime';

export interface Supervision {
  /** @param before the process in whose place the new one is to serve */
  readonly spawn: (before: RunningService | undefined) => Promise<RunningService>;
  /** Whether it is started again when it ends by itself. */
  readonly restarts: boolean;
  readonly onRestart: (how: string) => void;
  /** It has ended by itself, and stays so. */
  readonly onFailure: (how: string) => void;
}

/** A process that lives for less is not well, and is not started again and again. */
const SHORT_LIFE_MS = 30_000;
const MOST_SHORT_LIVES = 3;
const RESTART_AFTER_MS = 500;

/** A process that is started again when it ends without having been stopped, killed by the kernel, say. */
export class SupervisedService {
  #current: Promise<RunningService> | undefined;
  #shortLives = 0;
  #isStopping = false;

  constructor(private readonly supervision: Supervision) {}

  /** Rejects when it cannot be started the first time. */
  start(): Promise<RunningService> {
    return this.#run(undefined);
  }

  /** Resolves when it is gone for good. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#current?.then((service) => service.stop()).catch(() => {});
  }

  async #run(before: RunningService | undefined): Promise<RunningService> {
    this.#current = this.supervision.spawn(before);
    const service = await this.#current;
    const begun = performance.now();
    void service.exited.then((exit) => this.#ended(describeExit(exit), service, performance.now() - begun));
    return service;
  }

  async #ended(how: string, service: RunningService, livedMs: number): Promise<void> {
    const { restarts, onRestart, onFailure } = this.supervision;
    if (this.#isStopping) return;
    this.#shortLives = livedMs < SHORT_LIFE_MS ? this.#shortLives + 1 : 0;
    if (!restarts || this.#shortLives >= MOST_SHORT_LIVES) return onFailure(how);
    onRestart(how);
    await delay(RESTART_AFTER_MS);
    if (this.#isStopping) return;
    await this.#run(service).catch((error: Error) => this.#ended(error.message, service, 0));
  }
}

const describeExit = ({ code, signal }: ServiceExit): string =>
  signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`;
