import { Command } from 'commander';
import { deployMigrations } from '#storage';
import { configOrExit } from './command-line.js';

new Command('node dist/apps/launcher/src/migrate.main.js')
  .description('Brings the schema of the database that DATABASE_URL names up to date, and ends.')
  .allowExcessArguments(false)
  .parse();

const { databaseUrl } = configOrExit();
if (databaseUrl === undefined) {
  console.error('DATABASE_URL is not set: expected postgres://USER:PASSWORD@HOST/DATABASE');
  process.exit(1);
}
try {
  const applied = await deployMigrations(databaseUrl);
  console.log(applied.length === 0 ? 'the schema is up to date' : `applied ${applied.join(', ')}`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
