import type { OpenMeasuring } from './open-measurings.port.js';
import { whyUnmeasured } from './why-unmeasured.js';

const NOW = new Date('2030-01-01T12:05:00.000Z');
const before = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1000);
const of = (
  device: Partial<OpenMeasuring['device']>,
  lease?: Partial<NonNullable<OpenMeasuring['lease']>>,
): OpenMeasuring => ({
  taskId: 'task',
  device: { name: 'jetson-1', isBusy: false, ...device },
  ...(lease && { lease: { agentName: 'pi', expiresAt: before(-50), heardAt: before(10), ...lease } }),
});
const gone = { expiresAt: before(60), heardAt: before(120) };

test.each<[string, OpenMeasuring, string | undefined]>([
  ['an agent measures', of({}, {}), undefined],
  ['an agent leaves the device alone', of({}, { waiting: 'it is hot' }), 'it is hot'],
  ['no agent ever asked', of({}), 'no agent of device "jetson-1" has ever asked for work'],
  ['an agent waits for work', of({ askedAt: before(29) }), undefined],
  [
    'no agent asks any more',
    of({ askedAt: before(120) }),
    'no agent of device "jetson-1" has asked for work since 2030-01-01 12:03 UTC',
  ],
  [
    'its agent measures another task',
    of({ askedAt: before(120), isBusy: true }),
    'device "jetson-1" measures something else first',
  ],
  [
    'the agent that measured is gone',
    of({ askedAt: before(240) }, { ...gone, waiting: 'it is hot' }),
    'nothing was heard of agent "pi", which measures on device "jetson-1", since 2030-01-01 12:03 UTC',
  ],
  ['the agent is back', of({ askedAt: before(1) }, gone), undefined],
])('where %s', (_, measuring, reason) => {
  expect(whyUnmeasured(measuring, NOW)).toBe(reason);
});
