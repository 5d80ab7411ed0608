import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { collectArtifacts, type CollectOptions } from './artifacts/collect-artifacts.js';
import { configOrExit, wholeNumber } from './command-line.js';
import { artifactsFolder } from './stack/demo-directory.js';
import { withDatabase } from './stack/with-database.js';

const config = configOrExit();
const HOUR_MS = 3_600_000;

interface Options extends CollectOptions {
  readonly dataDir: string;
}

const program = new Command('npm run artifacts --').showHelpAfterError('(--help lists the commands)');
program
  .command('collect')
  .description(
    'Removes files of the artifact store that nothing refers to, as the API does every hour. The database is the one that ' +
      'DATABASE_URL names, else the embedded one of the data directory, whether it runs or not.',
  )
  .option('--dry-run', 'only tell what would be removed', false)
  .option(
    '--grace-hours <number>',
    'leave alone what is younger',
    wholeNumber(1, 876_000),
    config.artifactGraceMs / HOUR_MS,
  )
  .option(
    '--data-dir <directory>',
    'where the service keeps everything',
    (text: string) => path.resolve(text),
    config.dataDir,
  )
  .action(collect);
await program.parseAsync();

async function collect({ dataDir, ...options }: Options): Promise<void> {
  try {
    const artifactsUrl = config.artifactsUrl ?? pathToFileURL(artifactsFolder(dataDir)).href;
    const told = await withDatabase(config, dataDir, (databaseUrl) =>
      collectArtifacts({ databaseUrl, artifactsUrl }, options),
    );
    process.stdout.write(told);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
