import { AppError, type Actor } from '#contracts';
import type { BundleContent, UploadedBundles } from '#registry';
import type { Storage } from '#storage';
import type { BundleIntake } from './bundle-intake/bundle-intake.js';
import type { WholeFile } from './bundle-intake/intake-messages.js';

/** Whoever exports a subnet of a bundle has all of it in memory. */
export const MAX_BUNDLE_BYTES = 2 ** 30;

/** Bundles in the artifact store, for the teams that refer to them. */
export class StoredBundles implements UploadedBundles {
  constructor(
    private readonly storage: Pick<Storage, 'artifacts' | 'artifactRecords'>,
    private readonly intake: BundleIntake,
  ) {}

  async read(actor: Actor, digest: string): Promise<BundleContent | undefined> {
    const known = await this.storage.artifactRecords.find(actor, digest);
    if (known === undefined) return undefined;
    const { bytes } = known;
    if (bytes > MAX_BUNDLE_BYTES)
      throw unreadable(digest, `it has ${bytes} bytes, expected at most ${MAX_BUNDLE_BYTES}`);
    const whole = await this.intake.read(await this.storage.artifacts.open(digest), MAX_BUNDLE_BYTES);
    if (whole.digest === digest) return bundleContent(whole);
    throw new AppError(
      'artifact_corrupt',
      `the content of artifact ${digest} has the SHA-256 ${whole.digest}`,
    );
  }
}

/** What a file says of itself that is a bundle. @throws AppError bundle_unreadable naming the fault of any other one */
export function bundleContent({ digest, bytes, content }: WholeFile): BundleContent {
  if ('fault' in content) throw unreadable(digest, content.fault);
  return { bytes, ...content };
}

function unreadable(digest: string, fault: string): AppError {
  return new AppError('bundle_unreadable', `file ${digest} is no bundle that can be published: ${fault}`, {
    fields: [{ field: 'digest', value: digest, expected: 'a bundle (docs/bundle-format.md)' }],
  });
}
