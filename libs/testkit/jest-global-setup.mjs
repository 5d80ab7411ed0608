import { register } from 'node:module';

// Jest loads this file outside of its own transforms, so the TypeScript of the host needs hooks.
export default async function setup() {
  register('./typescript-hooks.mjs', import.meta.url);
  const { DatabaseHost } = await import('./src/database-host.ts');
  const { host, url } = await DatabaseHost.start();
  process.env.ISOCHRON_TEST_DATABASES = url;
  globalThis.isochronTestDatabases = host;
}
