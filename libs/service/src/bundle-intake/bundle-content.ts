import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { BundleError, type BundleManifest, type ScannedBundle } from '#bundle';
import { AppError, fieldErrors, ImageInput, NetworkSpec, VersionRatio } from '#contracts';
import type { BundleContent } from '#registry';
import { networkOf } from '../network-of.js';

const Accuracies = z.array(z.object({ ratio: z.number(), accuracy: z.number().min(0).max(1) }));

const Content = z.object({
  network: NetworkSpec,
  input: ImageInput,
  classes: z.number().int().min(1),
  ratios: z.array(VersionRatio).min(1),
});

/** What a version says of its bundle. @throws BundleError for what no version can say */
export function contentOf({ manifest, members }: ScannedBundle): Omit<BundleContent, 'bytes'> {
  const accuracies = accuraciesIn(manifest);
  const ratios = members.map(({ ratio, threshold, widths, cost, derived = false }) => ({
    ...{ ratio, threshold, widths: { ...widths }, ...cost, derived },
    accuracy: accuracies.get(ratio),
  }));
  const { input, classes } = manifest.network;
  const content = { network: specOf(manifest), input, classes, ratios };
  const parsed = Content.safeParse(content);
  if (parsed.success) return parsed.data;
  const [first] = fieldErrors(parsed.error.issues, content, 'manifest');
  throw new BundleError(`${first!.field}: ${JSON.stringify(first!.value)}, expected ${first!.expected}`);
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
