import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { Name } from '#contracts';
import { makeAdminKey, makeTeam, type KeyOptions } from './access/access-commands.js';
import { withAccess, type AccessServices } from './access/open-access.js';
import { configOrExit } from './command-line.js';
import { artifactsFolder } from './stack/demo-directory.js';
import { withDatabase } from './stack/with-database.js';

const config = configOrExit();

const program = new Command('npm run access --')
  .description(
    'Makes teams and admin keys in the database that DATABASE_URL names, else in the embedded one of the data ' +
      'directory, whether it runs or not. A key is shown once.',
  )
  .showHelpAfterError('(--help lists the commands)');
withKeyOptions(program.command('team <name>').description('make a team and its first admin key')).action(
  (name: string, options: KeyOptions) =>
    perform(options, (services) => makeTeam(services, named(name), options)),
);
withKeyOptions(
  program
    .command('admin-key')
    .description('make another admin key: when all are lost, or for another administrator')
    .option('--team <name>', 'whose key it is', parseName, 'default'),
).action((options: KeyOptions & { team: string }) =>
  perform(options, (services) => makeAdminKey(services, options.team, options)),
);
await program.parseAsync();

function withKeyOptions(command: Command): Command {
  return command
    .option('--name <name>', 'what the key is called', parseName, 'admin')
    .option('--keep', 'keep the key in the data directory as well, where the demo finds it', false)
    .option(
      '--data-dir <directory>',
      'where the service keeps everything',
      (text: string) => path.resolve(text),
      config.dataDir,
    );
}

function parseName(text: string): string {
  const parsed = Name.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(parsed.error.issues[0]!.message);
}

function named(text: string): string {
  try {
    return parseName(text);
  } catch (error) {
    return program.error(`error: the name "${text}" cannot be used: ${(error as Error).message}`);
  }
}

async function perform(
  { dataDir }: KeyOptions,
  work: (services: AccessServices) => Promise<string>,
): Promise<void> {
  try {
    const artifactsUrl = config.artifactsUrl ?? pathToFileURL(artifactsFolder(dataDir)).href;
    const done = await withDatabase(config, dataDir, (databaseUrl) =>
      withAccess({ databaseUrl, artifactsUrl }, work),
    );
    process.stdout.write(done);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
