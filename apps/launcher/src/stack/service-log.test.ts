import fs from 'node:fs';
import path from 'node:path';
import { temporaryFolder, waitUntil } from '#testkit';
import { ServiceLog } from './service-log.js';

const entry = (level: number, msg: string, more: object = {}) =>
  `${JSON.stringify({ level, time: 1_772_359_200_000, name: 'api', msg, ...more })}\n`;

describe("a service's log", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let warnings: string[];
  const open = () => ServiceLog.open(folder.path, 'api', (text) => warnings.push(text));
  beforeEach(async () => {
    folder = await temporaryFolder('log');
    warnings = [];
  });
  afterEach(() => folder.remove());

  test('passes on warnings and errors alone, each once, also when a line comes in parts', async () => {
    const log = open();
    fs.writeSync(log.fd, entry(30, 'served') + entry(40, 'is slow').slice(0, 20));
    fs.writeSync(log.fd, entry(40, 'is slow').slice(20));
    fs.writeSync(log.fd, entry(50, 'no answer', { err: { message: 'ECONNREFUSED', stack: 'at x' } }));
    await waitUntil('both warnings', () => warnings.length === 2);
    log.close();
    expect(warnings).toEqual(['warning: is slow', 'error: no answer: ECONNREFUSED']);
  });

  test('does not lose what was written just before the end', () => {
    const log = open();
    fs.writeSync(log.fd, entry(60, 'gives up'));
    log.close();
    expect(warnings).toEqual(['fatal: gives up']);
  });

  test('shows its last lines readable, with stacks and with lines that no logger wrote', () => {
    const log = open();
    expect(log.tail()).toBe('(the log is empty)');
    fs.writeSync(
      log.fd,
      entry(30, 'old') + entry(50, 'broke', { err: { message: 'm', stack: 'at x' } }) + 'node: oops\n',
    );
    expect(log.tail(2)).toBe('2026-03-01T10:00:00.000Z error: broke: m\nat x\nnode: oops');
    log.close();
  });

  test('keeps the log of the run before', () => {
    const first = open();
    fs.writeSync(first.fd, 'first\n');
    first.close();
    const second = open();
    expect(second.tail()).toBe('(the log is empty)');
    expect(fs.readFileSync(path.join(folder.path, 'api.log.1'), 'utf8')).toBe('first\n');
    second.close();
  });
});
