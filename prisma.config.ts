import { defineConfig } from 'prisma/config';

// `prisma generate` never runs the schema engine; pointing it at any existing file keeps the CLI from downloading one.
// `prisma migrate` and `prisma db push` would then do nothing: migrations are made and applied by tools/prisma-migrate.mjs
// and libs/storage (docs/adr/0004).
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
});
