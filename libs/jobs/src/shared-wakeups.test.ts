import { waitUntil } from '#testkit';
import { SharedWakeups } from './shared-wakeups.js';

function countedWakeups() {
  const listeners = new Map<string, () => void>();
  const counts = { subscribed: 0, ended: 0 };
  const onJobEvents = (jobId: string, listener: () => void) => {
    counts.subscribed++;
    listeners.set(jobId, listener);
    return () => {
      counts.ended++;
      listeners.delete(jobId);
    };
  };
  return { counts, wake: (jobId: string) => listeners.get(jobId)?.(), onJobEvents };
}

const LONG_MS = 60_000;

test('all who listen to a job share one subscription, which ends with the last of them', () => {
  const { counts, wake, onJobEvents } = countedWakeups();
  const shared = new SharedWakeups(onJobEvents, LONG_MS);
  const woken: string[] = [];
  const leave = ['a', 'b'].map((name) => shared.on('job', () => woken.push(name)));
  const leaveOther = shared.on('other', () => woken.push('other'));
  wake('job');
  expect(woken).toEqual(['a', 'b']);
  leave[0]!();
  leave[0]!();
  wake('job');
  expect([woken, counts]).toEqual([['a', 'b', 'b'], { subscribed: 2, ended: 0 }]);
  leave[1]!();
  leaveOther();
  expect(counts).toEqual({ subscribed: 2, ended: 2 });
  shared.on('job', () => woken.push('again'))();
  expect(counts).toEqual({ subscribed: 3, ended: 3 });
});

test('all are woken now and then, together, though nothing is told', async () => {
  const { onJobEvents } = countedWakeups();
  const shared = new SharedWakeups(onJobEvents, 5);
  const woken = { a: 0, b: 0 };
  const leaves = [shared.on('job', () => woken.a++), shared.on('job', () => woken.b++)];
  await waitUntil('three times', () => woken.a >= 3);
  leaves.forEach((leave) => leave());
  expect(woken.b).toBe(woken.a);
});
