import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { AppError, type Actor, type Model, type PublishedBody } from '#contracts';
import type { PublishBundles, Published } from '#registry';
import { bundleContent, MAX_BUNDLE_BYTES, type BundleIntake, type WholeFile } from '#service';
import type { ArtifactStore } from '#storage';

export interface BundleBodiesParts {
  readonly intake: BundleIntake;
  readonly bundles: PublishBundles;
  readonly artifacts: Pick<ArtifactStore, 'adoptFile'>;
  /** Of this machine: a body lies there until it is stored. */
  readonly folder: string;
  readonly maxFileBytes: number;
}

/** A body that has come, in a file of this machine. */
export interface BundleBody extends WholeFile {
  readonly file: string;
}

/** Bundles that come as bodies of the requests that publish them. */
export class BundleBodies {
  constructor(private readonly parts: BundleBodiesParts) {}

  /** @throws AppError not_found */
  model(actor: Actor, name: string): Promise<Model> {
    return this.parts.bundles.model(actor, name);
  }

  /**
   * Takes a body in. Whoever gets it removes its file, unless it was published.
   * @param announcedBytes what its client says of its size
   * @throws AppError payload_too_large, or the error of a body that broke off; nothing is left of either
   */
  async receive(body: Readable, announcedBytes: number | undefined): Promise<BundleBody> {
    const maxBytes = Math.min(this.parts.maxFileBytes, MAX_BUNDLE_BYTES);
    if (announcedBytes !== undefined && announcedBytes > maxBytes) throw tooLarge(announcedBytes, maxBytes);
    const file = path.join(this.parts.folder, randomUUID().replaceAll('-', ''));
    const handle = await open(file, 'wx');
    try {
      return { ...(await this.parts.intake.read(body, maxBytes, handle)), file };
    } catch (error) {
      await this.remove({ file });
      throw error;
    } finally {
      await handle.close();
    }
  }

  /**
   * Stores a body and makes a version of it. A process that dies in between leaves a file that nothing refers to, and no version.
   * @throws AppError bundle_unreadable, and as `PublishBundles` does
   */
  async publish(
    actor: Actor,
    name: string,
    { file, ...whole }: BundleBody,
    request: PublishedBody,
    id: string,
  ): Promise<Published> {
    const { digest } = whole;
    const content = bundleContent(whole);
    await this.parts.artifacts.adoptFile(file, digest);
    const described = { description: request.description, tags: tagsOf(request), ...parentOf(request) };
    return this.parts.bundles.publishStored(actor, name, { digest, content, ...described }, id);
  }

  async remove({ file }: Pick<BundleBody, 'file'>): Promise<void> {
    await rm(file, { force: true });
  }
}

function tagsOf({ tag = [] }: PublishedBody): Record<string, string> {
  return Object.fromEntries(tag.map(({ key, value }) => [key, value]));
}

function parentOf({ parentVersion }: PublishedBody) {
  if (parentVersion === undefined) return {};
  const [model, version] = parentVersion.split('/') as [string, string];
  return { parentVersion: { model, version: Number(version) } };
}

function tooLarge(bytes: number, maxBytes: number): AppError {
  const expected = `at most ${maxBytes}`;
  return new AppError('payload_too_large', `Content-Length is ${bytes}: expected ${expected}`, {
    fields: [{ field: 'Content-Length', value: bytes, expected }],
  });
}
