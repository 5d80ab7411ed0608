export * from './artifacts/artifact-store.js';
export { checking, digestOfFile, isDigest } from './artifacts/content-digest.js';
export * from './artifacts/object-files.js';
export { DEFAULT_TEAM_ID } from './database/default-team.js';
export type { BegunRequest, HeldKey, IdempotencyStore, StoredAnswer } from './database/idempotency-store.js';
export * from './embedded-postgres/embedded-postgres.js';
export { urlOfRunningPostgres } from './embedded-postgres/running-postgres.js';
export { deployMigrations, MigrationError } from './migrations/deploy-migrations.js';
export * from './storage.js';
