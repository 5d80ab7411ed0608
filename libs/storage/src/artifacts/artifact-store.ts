import type { Readable } from 'node:stream';

export interface StoredArtifact {
  /** SHA-256 of the content, as 64 hex digits. */
  readonly digest: string;
  readonly bytes: number;
}

/** An artifact, and when it was last put. */
export interface ListedArtifact extends StoredArtifact {
  /** To the second at least. */
  readonly modifiedAt: Date;
}

/** First and last byte, both included, as in HTTP. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Files named by the SHA-256 of their content. What `put` returned is stored durably; putting the same content twice
 * is no error, and mends a damaged file. Content is streamed: no method but `read` and `putBytes` holds all of it in
 * memory. All reads but `find` throw AppError not_found for an unknown digest, and for what is no digest; all methods throw
 * AppError unavailable where the store does not answer.
 */
export interface ArtifactStore {
  readonly kind: 'directory' | 's3';

  putBytes(content: Uint8Array): Promise<StoredArtifact>;
  putFile(file: string): Promise<StoredArtifact>;
  putStream(content: Readable): Promise<StoredArtifact>;

  /**
   * Stores a local file that the caller gives away, and whose SHA-256 it has just computed. The file is gone afterwards, or stays
   * where storing it failed.
   */
  adoptFile(file: string, digest: string): Promise<StoredArtifact>;

  find(digest: string): Promise<StoredArtifact | undefined>;

  /** All of them, in no order; one that is put or removed meanwhile is listed or is not. */
  list(): AsyncIterable<ListedArtifact>;

  /** For whoever knows that nothing refers to it. What is not there is removed already. */
  remove(digest: string): Promise<void>;

  /**
   * For downloads and caches. The content is not checked on the way: a reader that has all of it can. What a range
   * names beyond the end is left out.
   * @throws AppError range_not_satisfiable for a range that holds no byte of the content
   */
  open(digest: string, range?: ByteRange): Promise<Readable>;

  /** The whole content, checked. @throws AppError artifact_corrupt */
  read(digest: string): Promise<Uint8Array>;

  /** Reads the content and compares it with the digest. @throws AppError artifact_corrupt */
  verify(digest: string): Promise<void>;

  /** @throws AppError unavailable when the store cannot be used, or has not answered after four seconds */
  health(): Promise<void>;
}
