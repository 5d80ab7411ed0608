import type { ExportQuery } from '#contracts';
import type { PublishedAs } from '#bundle';

/** Asks the thread for one file; requests are answered in their order. */
export interface ExportRequest {
  /** The bundle's file, handed over. */
  readonly bundle: Uint8Array<ArrayBuffer>;
  /** The addendum's file that brings the ratio, where the bundle lacks it. */
  readonly addendum?: Uint8Array<ArrayBuffer> | undefined;
  readonly ratio: number;
  readonly target: ExportQuery;
  readonly published: PublishedAs;
}

/** Errors lose their class between threads: a damaged file is told from a mistake of ours. */
export type ExportReply =
  | { readonly kind: 'file'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'damaged' | 'failed'; readonly message: string };
