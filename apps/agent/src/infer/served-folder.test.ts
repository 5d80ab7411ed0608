import { SwitchError, type BundleFolder, type OpenSession } from '#edge';
import { temporaryFolder } from '#testkit';
import { ServedFolder } from './served-folder.js';
import { at, at02, at04, bundleOf, smallFolder } from './small-folder.fixture.js';

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
  folder = await smallFolder(temporary.path);
  isShort = false;
  served = await ServedFolder.open(folder.folder, { prepare: false, openSession });
});
afterEach(async () => {
  await served.close();
  await temporary.remove();
});

const ratio = async () => (await served.infer(IMAGE)).ratio;

test('a further ratio that could not be loaded is tried again at the next look', async () => {
  await folder.update([at02], at(0.2));
  isShort = true;
  for (let looks = 1; looks <= 2; looks++) await expect(served.refresh()).rejects.toThrow(SwitchError);
  expect(await ratio()).toBe(0);
  isShort = false;
  expect(await served.refresh()).toBe(true);
  expect(await ratio()).toBe(0.2);
  expect(await served.refresh()).toBe(false);
});

test('what comes after a change that failed is taken in', async () => {
  isShort = true;
  await folder.update([at02], at(0.2));
  await expect(served.refresh()).rejects.toThrow(SwitchError);
  await folder.update([at04], at(0.4));
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
  await folder.update([at02], at(0.2));
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
