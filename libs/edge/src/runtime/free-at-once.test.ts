import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { childEnvironment } from '#runtime';
import { TYPESCRIPT_NODE_OPTIONS } from '#testkit';

/** In a process of its own: nothing else of it takes memory, or gives any back. */
test('memory goes back to the system at once', () => {
  const fixture = join(import.meta.dirname, 'free-at-once.fixture.ts');
  const env = childEnvironment({ NODE_OPTIONS: TYPESCRIPT_NODE_OPTIONS });
  const printed = execFileSync(process.execPath, [fixture], { encoding: 'utf8', env });
  const times = JSON.parse(printed) as [taken: number, given: number][];
  expect(times).toHaveLength(10);
  for (const [taken, given] of times) expect(taken - given).toBeGreaterThan(48);
});
