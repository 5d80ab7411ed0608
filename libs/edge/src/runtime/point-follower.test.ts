import { PointFollower, nearestPoint } from './point-follower.js';

const points = [
  { name: 'fast', cpuHz: 2e9 },
  { name: 'slow', cpuHz: 1e9 },
];
const none = { current: '', margin: 0 };

describe('the nearest point', () => {
  test.each([
    [2.4e9, 'fast'],
    [1.9e9, 'fast'],
    [1.1e9, 'slow'],
    [0.3e9, 'slow'],
  ])('of an unknown clock of %d Hz is %s', (cpu, name) => {
    expect(nearestPoint(points, { cpu }, none)).toBe(name);
  });

  test('stays the one in force within the margin', () => {
    const between = { cpu: Math.SQRT2 * 1e9 };
    for (const current of ['fast', 'slow']) {
      expect(nearestPoint(points, between, { current, margin: 0.05 })).toBe(current);
    }
    expect(nearestPoint(points, { cpu: 1.5e9 }, { current: 'slow', margin: 0.05 })).toBe('fast');
  });

  test('is told by the clock that is furthest off', () => {
    const tuples = [
      { name: 'a', cpuHz: 2e9, gpuHz: 8e8 },
      { name: 'b', cpuHz: 2e9, gpuHz: 4e8 },
      { name: 'c', cpuHz: 1e9, gpuHz: 8e8 },
    ];
    expect(nearestPoint(tuples, { cpu: 1.9e9, gpu: 4.2e8 }, none)).toBe('b');
    expect(nearestPoint(tuples, { cpu: 1.1e9, gpu: 7e8 }, none)).toBe('c');
    expect(nearestPoint(tuples, { gpu: 4e8 }, none)).toBe('b');
  });

  test('is none where no point names a clock that was read', () => {
    expect(nearestPoint(points, { gpu: 4e8 }, none)).toBeUndefined();
    expect(nearestPoint([{ name: 'e', emulatedCpuShare: 0.5 }], { cpu: 1e9 }, none)).toBeUndefined();
  });
});

/** What the follower says to one clock after the other, 10 ms apart, where every change is made at once. */
function follow(cpuClocks: readonly number[], options: ConstructorParameters<typeof PointFollower>[0]) {
  const follower = new PointFollower(options);
  let current = 'fast';
  return cpuClocks.map((cpu, look) => {
    const next = follower.next({ points, current, clocks: { cpu }, atMs: 10 * look });
    current = next ?? current;
    return next;
  });
}

test('a change has to hold for some looks', () => {
  const options = { holdPolls: 3, minDwellMs: 0 };
  const [fast, slow] = [2e9, 1e9];
  expect(follow([slow, slow, fast, slow, slow, slow, slow], options)).toEqual([
    ...[undefined, undefined, undefined, undefined, undefined, 'slow', undefined],
  ]);
});

test('a change is kept for some time', () => {
  const changes = follow([1e9, 2e9, 2e9, 2e9, 2e9, 2e9, 2e9], { holdPolls: 1, minDwellMs: 40 });
  expect(changes).toEqual(['slow', undefined, undefined, undefined, 'fast', undefined, undefined]);
});

test('a clock that flickers is not followed', () => {
  const flicker = Array.from({ length: 50 }, (_, look) => (look % 2 === 0 ? 1e9 : 2e9));
  expect(new Set(follow(flicker, { holdPolls: 2, minDwellMs: 0 }))).toEqual(new Set([undefined]));
});
