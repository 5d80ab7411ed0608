import { join } from 'node:path';
import { ClocksNotRestoredError, restoreLeftoverClocks } from '#edge';
import { announceReady, lockDataDirectory, onShutdown, type Logger } from '#runtime';
import { runAgent } from './agent.js';
import { CellStore } from './cells/cell-store.js';
import type { RunOptions } from './command-line.js';
import { targetOf } from './enrolment/target-of.js';
import { clockStateFile } from './measure-task.js';
import { NetworkCache } from './network-cache.js';
import { Outage } from './outage.js';
import { ServerClient } from './server-client.js';

/** Measures until the process is asked to stop. @returns the exit code */
export async function run(options: RunOptions, logger: Logger): Promise<number> {
  const stopping = new AbortController();
  const running = measure(options, logger, stopping.signal);
  onShutdown(async () => {
    stopping.abort(new Error('the agent is asked to stop'));
    await running;
  });
  return running;
}

async function measure(options: RunOptions, logger: Logger, signal: AbortSignal): Promise<number> {
  const { dataDir } = options;
  try {
    // Another agent would drop this one's cells, and take its pinned clocks for those to put back.
    const unlock = lockDataDirectory(dataDir, 'agent');
    try {
      return await measureAsDevice(options, logger, signal);
    } finally {
      unlock();
    }
  } catch (error) {
    if (signal.aborted && !(error instanceof ClocksNotRestoredError)) return 0;
    // For whoever started it by hand; the log has where it happened.
    process.stderr.write(
      `isochron-agent: the agent cannot go on: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    logger.fatal({ err: error }, 'the agent cannot go on');
    return 1;
  }
}

async function measureAsDevice(options: RunOptions, logger: Logger, signal: AbortSignal): Promise<number> {
  const { dataDir, sysfs, recorded, seed } = options;
  if (restoreLeftoverClocks(sysfs, clockStateFile(dataDir))) {
    logger.warn('an agent before this one had died and left clocks pinned; they are put back');
  }
  const target = targetOf(options);
  const client = new ServerClient(target.server, target.apiKey);
  const parts = {
    ...options,
    ...target,
    realClocks: options.realClocks || target.realClocks,
    client,
    logger,
    outage: new Outage(logger),
    emulation: options.clockController,
    recorded: recorded === undefined ? undefined : { file: recorded, seed },
    sysfsRoot: sysfs,
    cells: new CellStore(join(dataDir, 'cells')),
    cache: new NetworkCache(join(dataDir, 'networks'), (url, abort) => client.download(url, abort)),
    onReady: () => announceReady(),
  };
  return (await runAgent(parts, signal)) === 'completed' ? 0 : 1;
}
