// Makes migrations and checks them against prisma/schema.prisma, with Prisma's schema engine as WebAssembly and an
// in-memory PGlite as shadow database: no engine binary to download, no server, no network (docs/adr/0004).
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const HELP = `Usage: npm run migrate -- COMMAND

Commands:
  create NAME   write prisma/migrations/<time>_NAME/migration.sql with what prisma/schema.prisma changes
  check         exit 1 when prisma/schema.prisma has changes that no migration makes

Migrations are applied when Isochron starts. NAME is of a-z, 0-9 and "_".
`;

const ROOT = path.resolve(import.meta.dirname, '..');
const SCHEMA = path.join(ROOT, 'prisma', 'schema.prisma');
const MIGRATIONS = path.join(ROOT, 'prisma', 'migrations');
const LOCK = path.join(MIGRATIONS, 'migration_lock.toml');
const NO_FILTERS = { externalTables: [], externalEnums: [] };

class UsageError extends Error {}

async function main() {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  const [command, ...rest] = positionals;
  if (values.help) process.stdout.write(HELP);
  else if (command === 'check' && rest.length === 0) await check();
  else if (command === 'create' && rest.length === 1) await create(rest[0]);
  else throw new UsageError(`expected "create NAME" or "check", got "${positionals.join(' ')}"\n\n${HELP}`);
}

async function check() {
  const sql = await pendingSql();
  if (sql !== undefined) throw new Error(`prisma/schema.prisma has changes that no migration makes:\n${sql}`);
  process.stdout.write('the migrations make prisma/schema.prisma\n');
}

async function create(name) {
  if (!/^[a-z0-9_]+$/.test(name)) throw new UsageError(`NAME is "${name}", expected a-z, 0-9 and "_"`);
  const sql = await pendingSql();
  if (sql === undefined) throw new Error('prisma/schema.prisma has no changes to make a migration of');
  const time = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = path.join(MIGRATIONS, `${time}_${name}`);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'migration.sql'), sql);
  if (!fs.existsSync(LOCK)) fs.writeFileSync(LOCK, 'provider = "postgresql"\n');
  process.stdout.write(`wrote ${path.relative(ROOT, folder)}/migration.sql\n`);
}

/** SQL from the migrations to the schema, or undefined when there is no difference. */
async function pendingSql() {
  // Loaded when needed: they take seconds, and a wrong command should be told at once.
  const SchemaEngine = await loadSchemaEngine();
  const { PGlite } = await import('@electric-sql/pglite');
  const { bindMigrationAwareSqlAdapterFactory } = await import('@prisma/driver-adapter-utils');
  const { PrismaPGlite } = await import('pglite-prisma-adapter');
  const content = fs.readFileSync(SCHEMA, 'utf8');
  const shadow = await PGlite.create('memory://');
  try {
    const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPGlite(shadow));
    const engine = await SchemaEngine.new({ datamodels: [[SCHEMA, content]] }, () => {}, adapter);
    await engine.applyMigrations({ migrationsList: readMigrations(), filters: NO_FILTERS });
    const files = [{ path: SCHEMA, content }];
    const { exitCode, stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: ROOT },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: true,
      filters: NO_FILTERS,
    });
    return exitCode === 0 ? undefined : stdout;
  } finally {
    await shadow.close();
  }
}

/** The package is made for bundlers; in Node its WebAssembly module is put together by hand. */
async function loadSchemaEngine() {
  const require = createRequire(import.meta.url);
  const folder = path.dirname(require.resolve('@prisma/schema-engine-wasm'));
  const glue = await import(pathToFileURL(path.join(folder, 'schema_engine_bg.js')).href);
  const code = fs.readFileSync(path.join(folder, 'schema_engine_bg.wasm'));
  const { instance } = await WebAssembly.instantiate(code, { './schema_engine_bg.js': glue });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return glue.SchemaEngine;
}

function readMigrations() {
  return {
    baseDir: MIGRATIONS,
    lockfile: { path: path.basename(LOCK), content: readIfThere(LOCK) },
    shadowDbInitScript: '',
    migrationDirectories: migrationNames().map((name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok', value: fs.readFileSync(path.join(MIGRATIONS, name, 'migration.sql'), 'utf8') },
      },
    })),
  };
}

function migrationNames() {
  if (!fs.existsSync(MIGRATIONS)) return [];
  const entries = fs.readdirSync(MIGRATIONS, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function readIfThere(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : null;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof UsageError || error.code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1;
}
