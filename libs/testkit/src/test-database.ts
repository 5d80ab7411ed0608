/** Where Jest's global setup says that its database host listens. */
export const DATABASE_HOST_VARIABLE = 'ISOCHRON_TEST_DATABASES';

export interface TestDatabase {
  readonly url: string;
  /** Drops it; connections that are still open are cut. */
  drop(): Promise<void>;
}

/** A PostgreSQL database of one's own with the migrations applied and nothing else in it. */
export async function testDatabase(): Promise<TestDatabase> {
  const host = process.env[DATABASE_HOST_VARIABLE];
  if (host === undefined) throw new Error('there is no database host: run the tests with jest.config.mjs');
  const url = await ask(host, 'POST');
  return { url, drop: async () => void (await ask(new URL(new URL(url).pathname, host).href, 'DELETE')) };
}

async function ask(url: string, method: string): Promise<string> {
  const response = await fetch(url, { method });
  const text = await response.text();
  if (!response.ok) throw new Error(`test database: ${text}`);
  return text;
}
