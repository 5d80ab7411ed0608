import { readFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '#testkit';
import { createLogger } from './logger.js';

test('keys do not get into the log, wherever in an entry they are; how they begin does', async () => {
  const folder = await temporaryFolder('logger');
  const file = path.join(folder.path, 'log');
  const api = `iso_${'Ab3_-9'.repeat(5)}xy`;
  const enrolment = `isochron_ek_${'k'.repeat(32)}`;
  const logger = createLogger('test', 'info', file);
  logger.error({ err: new Error(`no key ${api}`), header: `Bearer ${enrolment}` }, `refused "${api}"`);
  const line = readFileSync(file, 'utf8');
  await folder.remove();
  for (const key of [api, enrolment]) expect(line).not.toContain(key);
  expect(JSON.parse(line)).toMatchObject({
    msg: 'refused "iso_Ab3_-9***"',
    header: 'Bearer isochron_ek_kkkkkk***',
  });
});
