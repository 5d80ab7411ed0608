import { join } from 'node:path';
import { discoverPoints } from '#edge';
import { createLogger, installShutdown, readConfig, shutdown } from '#runtime';
import { parseCommandLine, type CommandLine } from './command-line.js';
import { enrol } from './enrolment/enrol.js';
import { describePoints } from './points/describe-points.js';
import { run } from './run.js';

const config = readConfig();
const chosen = parseCommandLine(process.argv, {
  dataDir: join(config.dataDir, 'agent'),
  apiKey: config.apiKey,
});
const logger = createLogger('agent', config.logLevel);
installShutdown({ logger });
await shutdown(await perform(chosen), logger);

/** @returns the exit code */
async function perform({ command, options }: CommandLine): Promise<number> {
  if (command === 'run') return run(options, logger);
  try {
    process.stdout.write(
      command === 'enrol' ? await enrol(options, new AbortController().signal) : points(options),
    );
    return 0;
  } catch (error) {
    process.stderr.write(
      `isochron-agent ${command}: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return 1;
  }
}

function points({
  sysfs,
  clocks,
  maxPoints,
  json,
}: Extract<CommandLine, { command: 'points' }>['options']): string {
  const found = discoverPoints(sysfs, { axes: clocks, maxPoints });
  return json ? `${JSON.stringify(found, null, 2)}\n` : describePoints(found);
}
