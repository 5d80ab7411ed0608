import { writeAddendum, writeBundle, readBundle } from '#bundle';
import { BundleFolder, SwitchError, type OpenSession, type RuntimePoint } from '#edge';
import { resNet } from '#network';
import { randomFamily } from '#pruning';
import { temporaryFolder } from '#testkit';
import { ServedFolder } from './served-folder.js';

const ADDED = [0.2, 0.4];
const network = resNet({ depth: 8, input: { channels: 1, height: 12, width: 12 }, classes: 5 });
const familyOf = (seed: number) =>
  randomFamily(network, [0, 0.2, 0.4, 0.6], { ...{ minChannels: 2, channelMultiple: 2 }, seed });
const bundleOf = (seed: number): Uint8Array => {
  const family = familyOf(seed);
  const members = family.members.filter(({ ratio }) => !ADDED.includes(ratio));
  return writeBundle({ ...family, members }, {});
};
const bundle = bundleOf(1);
const [first, second] = ADDED.map((ratio) =>
  writeAddendum(familyOf(1), { base: readBundle(bundle).digest, ratios: [ratio], metadata: {} }),
);
const at = (ratio: number): RuntimePoint[] => [{ name: 'p', cpuHz: 1e9, ratio }];
const IMAGE = new Float32Array(144).fill(0.5);

let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
let folder: BundleFolder;
let served: ServedFolder;
/** Whether memory is short. */
let isShort: boolean;
const openSession: OpenSession = ({ weights }, { image }) => {
  if (isShort) return Promise.reject(new Error('out of memory'));
  const logits = Float32Array.of(weights.length, image.length);
  return Promise.resolve({ run: () => Promise.resolve(logits), release: () => Promise.resolve() });
};

beforeEach(async () => {
  temporary = await temporaryFolder('served');
  folder = new BundleFolder(temporary.path);
  isShort = false;
  await folder.publish({ source: {}, bundle: await folder.add(bundle), addenda: [], points: at(0) });
  served = await ServedFolder.open(folder.folder, { prepare: false, openSession });
});
afterEach(async () => {
  await served.close();
  await temporary.remove();
});

const ratio = async () => (await served.infer(IMAGE)).ratio;

test('a further ratio that could not be loaded is tried again at the next look', async () => {
  await folder.update([first!], at(0.2));
  isShort = true;
  for (const _ of [1, 2]) await expect(served.refresh()).rejects.toThrow(SwitchError);
  expect(await ratio()).toBe(0);
  isShort = false;
  expect(await served.refresh()).toBe(true);
  expect(await ratio()).toBe(0.2);
  expect(await served.refresh()).toBe(false);
});

test('what comes after a change that failed is taken in', async () => {
  isShort = true;
  await folder.update([first!], at(0.2));
  await expect(served.refresh()).rejects.toThrow(SwitchError);
  await folder.update([second!], at(0.4));
  await expect(served.refresh()).rejects.toThrow(SwitchError);
  isShort = false;
  expect(await served.refresh()).toBe(true);
  expect(await ratio()).toBe(0.4);
  await folder.update([], at(0.2));
  expect(await served.refresh()).toBe(true);
  expect(await ratio()).toBe(0.2);
});

test('a change that failed and was taken back is none', async () => {
  const before = (await folder.contents())!;
  isShort = true;
  await folder.update([first!], at(0.2));
  await expect(served.refresh()).rejects.toThrow(SwitchError);
  await folder.publish(before);
  expect(await served.refresh()).toBe(false);
  expect(await ratio()).toBe(0);
});

test('another bundle that could not be loaded is tried again too', async () => {
  const other = await folder.add(bundleOf(2));
  await folder.publish({ source: {}, bundle: other, addenda: [], points: at(0.6) });
  isShort = true;
  await expect(served.refresh()).rejects.toThrow(SwitchError);
  expect(await ratio()).toBe(0);
  isShort = false;
  expect(await served.refresh()).toBe(true);
  expect(await ratio()).toBe(0.6);
});
