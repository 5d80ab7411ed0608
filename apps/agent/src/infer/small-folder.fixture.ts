import { readBundle, writeAddendum, writeBundle } from '#bundle';
import { BundleFolder, type RuntimePoint } from '#edge';
import { resNet } from '#network';
import { randomFamily } from '#pruning';

const ADDED = [0.2, 0.4];
const network = resNet({ depth: 8, input: { channels: 1, height: 12, width: 12 }, classes: 5 });
const familyOf = (seed: number) =>
  randomFamily(network, [0, 0.2, 0.4, 0.6], { ...{ minChannels: 2, channelMultiple: 2 }, seed });

/** A bundle of the ratios 0 and 0.6, another one for every seed. */
export function bundleOf(seed: number): Uint8Array {
  const family = familyOf(seed);
  const members = family.members.filter(({ ratio }) => !ADDED.includes(ratio));
  return writeBundle({ ...family, members }, {});
}

const bundle = bundleOf(1);
const base = readBundle(bundle).digest;
/** Addenda of the ratios 0.2 and 0.4 to the first bundle. */
export const [at02, at04] = ADDED.map((ratio) =>
  writeAddendum(familyOf(1), { base, ratios: [ratio], metadata: {} }),
) as [Uint8Array, Uint8Array];

/** One operating point, with a ratio. */
export const at = (ratio: number): RuntimePoint[] => [{ name: 'p', cpuHz: 1e9, ratio }];

/** A folder that has the first bundle, at ratio 0. */
export async function smallFolder(path: string): Promise<BundleFolder> {
  const folder = new BundleFolder(path);
  await folder.publish({ source: {}, bundle: await folder.add(bundle), addenda: [], points: at(0) });
  return folder;
}
