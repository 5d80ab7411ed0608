import { TYPESCRIPT_NODE_OPTIONS } from '#testkit';
import { runProbe } from './run-probe.js';

process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

describe('a trial run in a child process', () => {
  test('tells that a provider works', async () => {
    expect((await runProbe('cpu')).error).toBeUndefined();
  });

  test('hands on what was thrown', async () => {
    expect((await runProbe('abacus')).error).toMatch(/abacus/);
  });

  test('that takes too long is killed', async () => {
    expect((await runProbe('cpu', 1)).error).toBe('a trial run did not end within 0.001 s');
  });
});
