import { join } from 'node:path';
import { restoreLeftoverClocks } from '#edge';
import { announceReady, createLogger, installShutdown, onShutdown, readConfig, shutdown } from '#runtime';
import { runAgent } from './agent.js';
import { parseCommandLine } from './command-line.js';
import { clockStateFile } from './measure-task.js';
import { NetworkCache } from './network-cache.js';
import { ServerClient } from './server-client.js';

const config = readConfig();
const options = parseCommandLine(process.argv, join(config.dataDir, 'agent'));
const logger = createLogger('agent', config.logLevel);
installShutdown({ logger });

const stopping = new AbortController();
const client = new ServerClient(options.server);
const running = start();
onShutdown(async () => {
  stopping.abort(new Error('the agent is asked to stop'));
  await running;
});
void running.then((exitCode) => (stopping.signal.aborted ? undefined : shutdown(exitCode, logger)));

/** Runs until stopped; resolves with the exit code. */
async function start(): Promise<number> {
  try {
    if (restoreLeftoverClocks('/sys', clockStateFile(options.dataDir))) {
      logger.warn('an agent before this one had died and left clocks pinned; they are put back');
    }
    const outcome = await runAgent(
      {
        ...options,
        client,
        logger,
        emulation: options.clockController,
        cache: new NetworkCache(join(options.dataDir, 'networks'), (url, signal) =>
          client.download(url, signal),
        ),
        onReady: () => announceReady(),
      },
      stopping.signal,
    );
    return outcome === 'completed' ? 0 : 1;
  } catch (error) {
    if (stopping.signal.aborted) return 0;
    logger.fatal({ err: error }, 'the agent cannot go on');
    return 1;
  }
}
