import type { Hash } from 'node:crypto';
import type { RatioMember } from '#pruning';
import { beginDigestWithout } from './bundle-digest.js';
import { familyOf } from './family-tensors.js';
import { BUNDLE_KIND, type BundleManifest } from './manifest.js';
import { parseBundleManifest } from './parse-manifest.js';
import { PassingValues } from './passing-values.js';
import { MOST_START_BYTES, checkHeaderEnd, headerEnd, placesOf, splitSafetensors } from './safetensors.js';
import { checkSeal, sealOf } from './sealed-file.js';

/** What a bundle says of itself, without its weights. */
export interface ScannedBundle {
  /** That the file carries. */
  readonly digest: string;
  readonly manifest: BundleManifest;
  readonly members: readonly Omit<RatioMember, 'batchNorm'>[];
}

/** The part of a file in front of the data. */
interface Head extends Pick<ReturnType<typeof splitSafetensors>, 'entries'> {
  readonly bytes: number;
  readonly digest: string;
  readonly manifest: string | undefined;
  /** Of the file, as far as it has come. */
  readonly hash: Hash;
  readonly values: PassingValues;
}

const NO_VALUES = new Float32Array(0);

/**
 * Reads a bundle piece by piece: all that `readBundle` looks for is looked for, values as they pass, but only the header is
 * kept. A file that ends well is a bundle that `readBundle` reads.
 */
export class BundleScan {
  /** Of the header, as far as it has come: copies, since whoever adds a piece may free it. */
  #start: Uint8Array[] = [];
  #startBytes = 0;
  /** Without so many bytes nothing more can be known. */
  #needed = 1;
  #head: Head | undefined;
  #bytes = 0;

  /** @throws BundleError as soon as it is known that the file is no bundle; what comes then means nothing */
  add(piece: Uint8Array): void {
    this.#bytes += piece.length;
    if (this.#head) this.#addData(this.#head, piece);
    else if (this.#startBytes < MOST_START_BYTES) this.#begin(piece);
  }

  /** When all pieces were added. @throws BundleError as `readBundle` does */
  finish(): ScannedBundle {
    if (!this.#head) checkHeaderEnd(headerEnd(Buffer.concat(this.#start)), this.#bytes);
    const { bytes, entries, digest, manifest: text, hash, values } = this.#head!;
    const places = placesOf(entries, this.#bytes - bytes);
    checkSeal(digest, hash.digest('hex'));
    const manifest = parseBundleManifest(text);
    const tensors = places.map(({ name, shape }) => [name, { shape, data: NO_VALUES }] as const);
    const { members } = familyOf(manifest, Object.fromEntries(tensors), (name) => values.faultOf(name));
    return { digest, manifest, members: members.map(({ batchNorm: _, ...member }) => member) };
  }

  #addData({ hash, values }: Head, piece: Uint8Array): void {
    hash.update(piece);
    values.add(piece);
  }

  #begin(piece: Uint8Array): void {
    this.#start.push(Uint8Array.from(piece));
    this.#startBytes += piece.length;
    if (this.#startBytes < this.#needed) return;
    const start = Buffer.concat(this.#start);
    this.#start = [start];
    const end = headerEnd(start);
    if (end === undefined || end > MOST_START_BYTES) return;
    this.#needed = end;
    if (end > start.length) return;
    const head = start.subarray(0, end);
    const { metadata, entries } = splitSafetensors(head);
    const { digest, texts } = sealOf(metadata, BUNDLE_KIND);
    const hash = beginDigestWithout(digest, head);
    const values = new PassingValues(placesOf(entries));
    this.#head = { bytes: end, entries, digest, manifest: texts['manifest'], hash, values };
    this.#addData(this.#head, start.subarray(end));
    this.#start = [];
  }
}
