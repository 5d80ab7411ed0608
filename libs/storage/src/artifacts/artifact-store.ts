import type { Readable } from 'node:stream';

export interface StoredArtifact {
  /** SHA-256 of the content, as 64 hex digits. */
  readonly digest: string;
  readonly bytes: number;
}

/** First and last byte, both included, as in HTTP. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Files named by the SHA-256 of their content. What `put` returned is stored durably; putting the same content twice
 * is no error, and mends a damaged file. All reads throw AppError not_found for an unknown digest.
 */
export interface ArtifactStore {
  putBytes(content: Uint8Array): Promise<StoredArtifact>;
  putFile(file: string): Promise<StoredArtifact>;
  putStream(content: Readable): Promise<StoredArtifact>;

  find(digest: string): Promise<StoredArtifact | undefined>;

  /** For downloads. The content is not checked on the way: a reader that has all of it can. */
  open(digest: string, range?: ByteRange): Promise<Readable>;

  /** The whole content, checked. @throws AppError artifact_corrupt */
  read(digest: string): Promise<Uint8Array>;

  /** Path of a local file with the content, checked, to be read only. @throws AppError artifact_corrupt */
  localFile(digest: string): Promise<string>;

  /** Reads the content and compares it with the digest. @throws AppError artifact_corrupt */
  verify(digest: string): Promise<void>;
}
