import { addLogFields, withLogFields } from './log-context.js';
import { createLogger, type Logger } from './logger.js';

let text: string;
let logger: Logger;
beforeEach(() => {
  text = '';
  logger = createLogger('test', 'info', { write: (line: string) => void (text += line) });
});
const lines = () =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('lines carry the fields of the work that they belong to, also behind an await', async () => {
  await withLogFields({ jobId: 'a', stage: 'train' }, async () => {
    logger.info('begins');
    await Promise.resolve();
    addLogFields({ attempt: 2 });
    await withLogFields({ requestId: 'r' }, () => Promise.resolve(logger.info('inside')));
    logger.info('after');
  });
  logger.info('outside');
  const fields = lines().map(({ jobId, stage, attempt, requestId }) => ({
    jobId,
    stage,
    attempt,
    requestId,
  }));
  expect(fields).toEqual([
    { jobId: 'a', stage: 'train' },
    { jobId: 'a', stage: 'train', attempt: 2, requestId: 'r' },
    { jobId: 'a', stage: 'train', attempt: 2 },
    {},
  ]);
});

test('work that goes on side by side keeps its own fields', async () => {
  await Promise.all(
    ['a', 'b'].map((jobId) =>
      withLogFields({ jobId }, async () => {
        await Promise.resolve();
        addLogFields({ attempt: jobId === 'a' ? 1 : 2 });
        await Promise.resolve();
        logger.info(jobId);
      }),
    ),
  );
  expect(lines()).toMatchObject([
    { msg: 'a', jobId: 'a', attempt: 1 },
    { msg: 'b', jobId: 'b', attempt: 2 },
  ]);
});

test('a field is written once, the nearest one', () => {
  withLogFields({ jobId: 'a', attempt: 1 }, () => {
    logger.child({ jobId: 'b' }).info({ attempt: 2 }, 'hello');
  });
  expect(text.match(/jobId/g)).toHaveLength(1);
  expect(text.match(/attempt/g)).toHaveLength(1);
  expect(lines()[0]).toMatchObject({ jobId: 'b', attempt: 2 });
});

test.each([
  [{ authorization: 'Bearer hunter2hunter2' }],
  [{ headers: { authorization: 'Bearer hunter2hunter2', cookie: 'session=hunter2' } }],
  [{ req: { headers: { authorization: 'Bearer hunter2hunter2' }, query: { token: 'hunter2' } } }],
  [{ body: { password: 'hunter2' } }],
  [{ lease: { token: 'hunter2', leaseToken: 'hunter2' } }],
  [{ err: new Error('GET https://files/x?X-Amz-Signature=hunter2&part=1 failed') }],
  [{ err: new Error('connect postgres://isochron:hunter2@db/x') }],
  [{ err: new Error('refused', { cause: new Error('sent Bearer hunter2hunter2') }) }],
  [{ err: Object.assign(new Error('refused'), { headers: { authorization: 'Basic hunter2hunter2' } }) }],
])('secrets are not written: %j', (line) => {
  logger.error(line, 'refused');
  expect(text).toContain('refused');
  expect(text).not.toContain('hunter2');
});

test('what is no secret stays as it is', () => {
  logger.error({ err: new Error('GET https://files/x?part=1 by ada@example.org failed') }, 'no');
  expect(lines()[0]).toMatchObject({
    err: { type: 'Error', message: 'GET https://files/x?part=1 by ada@example.org failed' },
  });
});

test('keys do not get into the log, wherever in an entry they are; how they begin does', () => {
  const api = `iso_${'Ab3_-9'.repeat(5)}xy`;
  const enrolment = `isochron_ek_${'k'.repeat(32)}`;
  logger.error({ err: new Error(`no key ${api}`), origin: `key ${enrolment}` }, `refused "${api}"`);
  for (const key of [api, enrolment]) expect(text).not.toContain(key);
  expect(JSON.parse(text)).toMatchObject({
    msg: 'refused "iso_Ab3_-9***"',
    origin: 'key isochron_ek_kkkkkk***',
  });
});
