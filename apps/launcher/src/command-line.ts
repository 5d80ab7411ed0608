import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import {
  ConfigError,
  createLogger,
  installShutdown,
  onShutdown,
  readConfig,
  shutdown,
  type Config,
} from '#runtime';
import { watchParent } from './stack/watch-parent.js';
import type { Terminal } from './terminal/terminal.js';

export interface ServingOptions {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
}

const ENVIRONMENT = `
Environment:
  DATABASE_URL   PostgreSQL to use instead of the embedded one
  REDIS_URL      Redis for the queue, which else runs on PostgreSQL
  ARTIFACTS_URL  directory, file: or s3: URL for artifacts, default: artifacts in the data directory
  LOG_LEVEL      of the log files: trace, debug, info, warn, error, fatal or silent
  DATASET_ROOTS  folders below which requests may name datasets, default: datasets in the data directory
  RATE_LIMIT_PER_MINUTE  requests of a key, or of an address without one; 0 for any number, default: 6000
  ISOCHRON_API_KEY       what the demo calls the API with, default: the admin key in the data directory`;

/** A command with the options that every way of serving has; the environment gives their defaults. */
export function servingCommand(name: string, description: string, config: Config, dataDir: string): Command {
  return new Command(name)
    .description(description)
    .option('--port <number>', 'port of the API; 0 takes a free one', wholeNumber(0, 65_535), config.port)
    .option('--host <address>', 'address that the API listens on', config.host)
    .option(
      '--data-dir <directory>',
      'where everything is kept',
      (text: string) => path.resolve(text),
      dataDir,
    )
    .addHelpText('after', ENVIRONMENT)
    .allowExcessArguments(false)
    .showHelpAfterError('(--help lists the options)');
}

/** Parses an option that must be a whole number within limits. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}`);
  };
}

/** The environment's configuration, or the end of the process with a plain message. */
export function configOrExit(): Config {
  try {
    return readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(`The environment cannot be used: ${error.message}`);
    process.exit(1);
  }
}

/** What a command does; `fail` ends it from outside. An exit code ends the process; without one it serves on. */
type Work = (fail: (error: Error) => void) => Promise<number | undefined>;

/**
 * Runs a command's work so that every way out shuts everything down: its end or failure, Ctrl-C, SIGTERM, or the death
 * of the process that started it.
 */
export async function runUntilShutdown(
  terminal: Terminal,
  work: Work,
  interruptedExitCode = 0,
): Promise<void> {
  const logger = createLogger('launcher', 'error');
  let interrupted = false;
  const interrupt = (why: string) => {
    interrupted = true;
    terminal.close();
    terminal.say(`${why}: stopping everything`);
    void shutdown(interruptedExitCode, logger);
  };
  // The first part to come is the last one to go.
  onShutdown(() => {
    if (interrupted) terminal.say('stopped: nothing runs any more');
  });
  process.once('SIGINT', () => interrupt('interrupted'));
  process.once('SIGTERM', () => interrupt('asked to stop'));
  installShutdown({ logger });
  watchParent(() => interrupt('the process that started this one has ended'));
  try {
    const exitCode = await untilFailure(work);
    await shutdown(exitCode, logger);
  } catch (error) {
    if (interrupted) return; // parts that are being stopped fail; that is no news
    terminal.close();
    terminal.warn(`\n${explain(error)}`);
    await shutdown(1, logger);
  }
}

async function untilFailure(work: Work): Promise<number> {
  const failure = new AbortController();
  const failed = new Promise<never>((_, reject) => {
    failure.signal.addEventListener('abort', () => reject(failure.signal.reason as Error));
  });
  const exitCode = await Promise.race([work((error) => failure.abort(error)), failed]);
  return exitCode ?? failed;
}

/** Errors that were made for users need no stack; anything else is a defect and shows where it is. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const unexpected = ['Error', 'TypeError', 'RangeError', 'ReferenceError'].includes(error.name);
  return unexpected && error.stack ? error.stack : error.message;
}
