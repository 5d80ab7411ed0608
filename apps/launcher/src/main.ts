import { configOrExit, runUntilShutdown, servingCommand, type ServingOptions } from './command-line.js';
import { startStack } from './stack/stack.js';
import { Terminal } from './terminal/terminal.js';

interface Options extends ServingOptions {
  readonly worker: boolean;
}

const config = configOrExit();
const description =
  'Runs the API, a worker and, unless DATABASE_URL is set, PostgreSQL on this machine until Ctrl-C.';
const options = servingCommand('npm start --', description, config, config.dataDir)
  .option('--no-worker', 'the API alone; workers run elsewhere')
  .parse()
  .opts<Options>();

const terminal = new Terminal();
await runUntilShutdown(terminal, async (onFailure) => {
  const { databaseUrl, artifactsUrl, metricsPort } = config;
  const stack = await startStack(
    { ...options, databaseUrl, artifactsUrl, metricsPort, start: 'keep', onFailure },
    terminal,
  );
  terminal.say(`ready ${stack.url}`);
  if (stack.workerMetricsUrl !== undefined)
    terminal.say(
      `metrics of the API are at ${stack.url}/metrics, of the worker at ${stack.workerMetricsUrl}`,
    );
  terminal.say(`logs are in ${stack.logFolder}; Ctrl-C stops everything`);
  return undefined;
});
