import {
  deployVersion,
  publishAddendumTo,
  publishBundle,
  TYPESCRIPT_NODE_OPTIONS,
  waitUntil,
} from '#testkit';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { InferOptions } from '../../apps/agent/src/infer/infer-command.js';
import { runInfer } from '../../apps/agent/src/infer/run-infer.js';
import { writeSysfs } from '../../apps/agent/src/sysfs.fixture.js';
import { PullingWorld, Said } from './pulling.fixture.js';

// Subnets are prepared in a process of their own.
process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

let world: PullingWorld;
beforeAll(async () => void (world = await PullingWorld.start()));
beforeEach(() => world.renew());
afterEach(() => world.removeFolder());
afterAll(() => world.close());

const optionsOf = (changes: Partial<InferOptions>): InferOptions => ({
  ...{ folder: world.folder.folder, images: 'random', count: undefined, point: undefined, follow: false },
  ...{ interval: 0, threads: 1, json: true, sysfs: '/nowhere' },
  ...changes,
});

/** Begins to infer; `stop` is Ctrl-C. */
function begin(changes: Partial<InferOptions>) {
  const said = new Said();
  const stopping = new AbortController();
  const running = runInfer(optionsOf(changes), said.streams, stopping.signal);
  const stop = async () => {
    stopping.abort();
    await running;
    return said.lines;
  };
  return { said, running, stop };
}
const infer = async (changes: Partial<InferOptions>) => {
  const { said, running } = begin(changes);
  await running;
  return said;
};

test('every run says where it ran and what came out, and the end sums up', async () => {
  await world.pull();
  const { lines } = await infer({ count: 3 });
  const run = { event: 'run', operatingPoint: 'fast', ratio: 0, latencyMs: expect.any(Number) };
  expect(lines.slice(0, 3)).toEqual(Array(3).fill({ ...run, topClass: lines[0].topClass }));
  const point = { operatingPoint: 'fast', ratio: 0, count: 3 };
  expect(lines[3]).toMatchObject({ event: 'summary', points: [point] });
  const { out } = await infer({ count: 2, point: 'slow', json: false });
  expect(out).toMatch(
    /^(slow {2}ratio 0\.5 {2}\d+\.\d+ ms {2}class \d\n){2}summary: slow {2}ratio 0\.5 {2}2 runs/,
  );
});

test('images come from a file', async () => {
  await world.pull();
  const images = await world.fileOf('images.f32', new Uint8Array(2 * 28 * 28 * 4).fill(1));
  expect((await infer({ count: 2, images })).lines).toHaveLength(3);
  const wrong = await world.fileOf('wrong.f32', new Uint8Array(12));
  await expect(infer({ images: wrong })).rejects.toThrow(/wrong.f32": expected .* a multiple of 784/);
});

test('a folder without a model, a point that is not there and clocks that cannot be read say so', async () => {
  await expect(infer({})).rejects.toThrow(/expected a bundle/);
  await world.pull();
  await expect(infer({ point: 'turbo' })).rejects.toThrow(/"turbo": expected one of fast, slow/);
  await expect(infer({ follow: true })).rejects.toThrow(/\/nowhere: expected cpufreq or devfreq clocks/);
});

test('the clocks are followed', async () => {
  await world.pull();
  const sysfs = path.dirname(await world.fileOf('sys/none', ''));
  await writeSysfs(sysfs);
  const cpuHz = (hz: number) =>
    writeFile(path.join(sysfs, 'devices/system/cpu/cpufreq/policy0/scaling_min_freq'), `${hz / 1000}\n`);
  await cpuHz(1.8e9);
  const { said, stop } = begin({ follow: true, sysfs, interval: 5 });
  await waitUntil('a run at the fast point', () =>
    said.lines.some(({ operatingPoint }) => operatingPoint === 'fast'),
  );
  await cpuHz(1.2e9);
  const switched = () => said.lines.find(({ event }) => event === 'switch');
  await waitUntil('the switch', switched);
  expect(switched()).toMatchObject({ from: 'fast', to: 'slow', ratio: 0.5, tookMs: expect.any(Number) });
  await waitUntil('a run at the slow point', () => said.lines.at(-1).operatingPoint === 'slow');
  const { points } = (await stop()).at(-1);
  expect(points).toMatchObject([
    { operatingPoint: 'fast', ratio: 0 },
    { operatingPoint: 'slow', ratio: 0.5 },
  ]);
});

test('what pull brings is taken in while it runs: another ratio, then another bundle', async () => {
  await world.pull();
  const { storage, actor } = world.api.store;
  const { said, running, stop } = begin({ count: 1_000_000, interval: 5 });
  const runsAt = (ratio: number) =>
    waitUntil(`runs at ${ratio}`, () =>
      said.lines.some((line) => line.event === 'run' && line.ratio === ratio),
    );
  await Promise.race([runsAt(0), running]);
  await publishAddendumTo(storage, world.published, 0.25);
  await deployVersion(storage, world.published.version, { fast: 0.25, slow: 0.5 }, world.deployment);
  await world.pull();
  await runsAt(0.25);
  const next = await publishBundle(storage, actor, [0, 0.3], world.model);
  await deployVersion(storage, next.version, { fast: 0.3, slow: 0.3 }, world.deployment);
  await world.point('production', 2);
  await world.pull();
  await runsAt(0.3);
  const lines = await stop();
  expect(lines.filter(({ event }) => event === 'update')).toHaveLength(2);
  expect(lines.at(-1).points.map(({ ratio }: { ratio: number }) => ratio)).toEqual([0, 0.25, 0.3]);
  expect(said.err).toBe('');
});
