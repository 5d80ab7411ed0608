import type { Logger } from './logger.js';

type Hook = () => Promise<void> | void;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const hooks: Hook[] = [];
let ending: Promise<never> | undefined;

/** Runs `hook` when the process is asked to end; the last one registered runs first. Returns a function that takes it back. */
export function onShutdown(hook: Hook): () => void {
  hooks.push(hook);
  return () => {
    const index = hooks.lastIndexOf(hook);
    if (index >= 0) hooks.splice(index, 1);
  };
}

interface ShutdownOptions {
  readonly logger: Logger;
  /** After this long the process ends whatever the hooks do. */
  readonly timeoutMs?: number;
}

/**
 * Ends the process in an orderly way on SIGINT, SIGTERM and SIGHUP, on an error that nobody caught, and when the
 * IPC channel to the parent closes: a service must not outlive its launcher, however that one ended.
 * A second SIGINT ends it at once.
 */
export function installShutdown({ logger, timeoutMs = 30_000 }: ShutdownOptions): void {
  let interrupts = 0;
  const end = (exitCode: number) => {
    setTimeout(() => giveUp(logger, timeoutMs), timeoutMs).unref();
    void shutdown(exitCode, logger);
  };
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (signal === 'SIGINT' && ++interrupts > 1) process.exit(130);
      end(0);
    });
  }
  process.on('disconnect', () => end(0));
  // A launcher that died while this process was still loading its code has closed the channel already.
  if (process.send !== undefined && !process.connected) end(0);
  // Writing to a parent that has died raises EPIPE again and again; the first one already ends the process.
  process.on('uncaughtException', (error) => {
    if (ending === undefined) logger.fatal({ err: error }, 'uncaught error');
    end(1);
  });
}

/** Runs the hooks, last one first, and ends the process. A hook that fails does not keep the others from running. */
export function shutdown(exitCode: number, logger?: Logger): Promise<never> {
  ending ??= runHooks(logger).then((failures) => process.exit(failures > 0 && exitCode === 0 ? 1 : exitCode));
  return ending;
}

async function runHooks(logger: Logger | undefined): Promise<number> {
  let failures = 0;
  for (let hook = hooks.pop(); hook !== undefined; hook = hooks.pop()) {
    try {
      await hook();
    } catch (error) {
      failures++;
      logger?.error({ err: error }, 'a part did not shut down cleanly');
    }
  }
  return failures;
}

function giveUp(logger: Logger, timeoutMs: number): void {
  logger.error({ timeoutMs }, 'shutdown took too long');
  process.exit(1);
}
