import { buffer } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { BundleError, readBundle, type Bundle, type BundleManifest } from '#bundle';
import { AppError, fieldErrors, ImageInput, NetworkSpec, VersionRatio, type Actor } from '#contracts';
import type { BundleContent, UploadedBundles } from '#registry';
import type { Storage } from '#storage';
import { networkOf } from './network-of.js';

/** A bundle is read into memory, and has to be: its digest and its tensors are checked. */
const MAX_BUNDLE_BYTES = 2 ** 30;

const Accuracies = z.array(z.object({ ratio: z.number(), accuracy: z.number().min(0).max(1) }));

const Content = z.object({
  network: NetworkSpec,
  input: ImageInput,
  classes: z.number().int().min(1),
  ratios: z.array(VersionRatio).min(1),
});

/** Bundles in the artifact store, for the teams that refer to them. */
export class StoredBundles implements UploadedBundles {
  constructor(private readonly storage: Pick<Storage, 'artifacts' | 'artifactRecords'>) {}

  async read(actor: Actor, digest: string): Promise<BundleContent | undefined> {
    const known = await this.storage.artifactRecords.find(actor, digest);
    if (known === undefined) return undefined;
    const { bytes } = known;
    if (bytes > MAX_BUNDLE_BYTES)
      throw unreadable(digest, `it has ${bytes} bytes, expected at most ${MAX_BUNDLE_BYTES}`);
    // Held to its digest when it came, and a bundle has another one in itself.
    const file = await buffer(await this.storage.artifacts.open(digest));
    return { bytes, ...contentOf(digest, file) };
  }
}

function contentOf(digest: string, file: Uint8Array): Omit<BundleContent, 'bytes'> {
  const { manifest, family } = orUnreadable(digest, file);
  const accuracies = accuraciesIn(manifest);
  const ratios = family.members.map(({ ratio, threshold, widths, cost, derived = false }) => ({
    ...{ ratio, threshold, widths: { ...widths }, ...cost, derived },
    accuracy: accuracies.get(ratio),
  }));
  const { input, classes } = manifest.network;
  const content = { network: specOf(manifest), input, classes, ratios };
  const parsed = Content.safeParse(content);
  if (parsed.success) return parsed.data;
  const [first] = fieldErrors(parsed.error.issues, content, 'manifest');
  throw unreadable(digest, `${first!.field}: ${JSON.stringify(first!.value)}, expected ${first!.expected}`);
}

function orUnreadable(digest: string, file: Uint8Array): Bundle {
  try {
    return readBundle(file);
  } catch (cause) {
    if (!(cause instanceof BundleError)) throw cause;
    throw unreadable(digest, cause.message, cause);
  }
}

function unreadable(digest: string, fault: string, cause?: unknown): AppError {
  return new AppError('bundle_unreadable', `file ${digest} is no bundle that can be published: ${fault}`, {
    fields: [{ field: 'digest', value: digest, expected: 'a bundle (docs/bundle-format.md)' }],
    cause,
  });
}

/** What the publisher says; nobody has checked it. */
function accuraciesIn({ metadata }: BundleManifest): Map<number, number> {
  const parsed = Accuracies.safeParse(metadata['accuracies']);
  return new Map(parsed.data?.map(({ ratio, accuracy }) => [ratio, accuracy]));
}

/** The network by its builder, where the publisher names one that builds just this network; else layer by layer. */
function specOf({ network, metadata }: BundleManifest): unknown {
  const named = NetworkSpec.safeParse(metadata['network']);
  if (named.success && isDeepStrictEqual(built(named.data, network), network)) return named.data;
  const { name, layers } = network;
  return { family: 'custom', description: { name, layers } };
}

/** As it comes out of JSON. */
function built(spec: NetworkSpec, { input, classes }: BundleManifest['network']): unknown {
  try {
    return JSON.parse(JSON.stringify(networkOf(spec, input, classes)));
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
