import { setTimeout } from 'node:timers/promises';
import { testDatabase, type TestDatabase } from '#testkit';
import { Prisma } from '../generated/client.js';
import { rethrowTranslated } from './database-errors.js';
import { inTransaction, openDatabase } from './database.js';

let kept: TestDatabase;
beforeAll(async () => {
  kept = await testDatabase();
});
afterAll(() => kept.drop());

const setting = async (database: ReturnType<typeof openDatabase>, name: string) => {
  const [row] = await database.$queryRaw<{ value: string }[]>`SELECT current_setting(${name}) AS value`;
  return row!.value;
};

test('the server ends connections and transactions of a process that is silently gone, in seconds', async () => {
  const database = openDatabase(kept.url, () => {});
  try {
    expect(await setting(database, 'idle_in_transaction_session_timeout')).toBe('20s');
    expect(await setting(database, 'tcp_user_timeout')).toBe('20000');
    expect(await setting(database, 'tcp_keepalives_idle')).toBe('10');
  } finally {
    await database.$disconnect();
  }
});

test('a transaction that stood still for too long has failed because the database was unavailable', async () => {
  const url = new URL(kept.url);
  url.searchParams.set('options', '-c idle_in_transaction_session_timeout=50');
  const database = openDatabase(url.href, () => {});
  try {
    const standing = inTransaction(database, async (tx) => {
      await tx.$queryRaw`SELECT 1`;
      for (let i = 0; i < 100; i++) {
        await setTimeout(100);
        await tx.$queryRaw`SELECT 1`;
      }
    });
    await expect(standing).rejects.toMatchObject({ code: 'unavailable' });
  } finally {
    await database.$disconnect();
  }
});

test.each(['EHOSTUNREACH', 'ENETUNREACH', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE'])(
  'a network that fails with %s makes the database unavailable',
  (code) => {
    const error = new Prisma.PrismaClientKnownRequestError('connect', { code, clientVersion: '7' });
    expect(() => rethrowTranslated(error)).toThrow(expect.objectContaining({ code: 'unavailable' }));
  },
);
