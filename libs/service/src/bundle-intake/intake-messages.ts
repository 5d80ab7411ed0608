import type { BundleContent } from '#registry';
import type { Piece } from './piece-window.js';

/** Pieces of files that come at the same time are told apart by `intake`. Every request has one reply. */
export type IntakeRequest = { readonly intake: number } & (
  | (Piece & {
      readonly kind: 'piece';
      /** Descriptor of the file that gets all of it. */
      readonly file: number | undefined;
    })
  /** The file has so many bytes: of one that another thread has had the pieces of, nothing is known here. */
  | { readonly kind: 'end'; readonly bytes: number }
  /** Forgets a file of which no more comes. */
  | { readonly kind: 'forget' }
);

export type IntakeReply<Whole> =
  /** Chunks that the thread is done with and has not freed. */
  | { readonly kind: 'done'; readonly chunks: Piece['chunks'] }
  | { readonly kind: 'whole'; readonly whole: Whole }
  | { readonly kind: 'failed'; readonly stack: string; readonly code: string | undefined };

/** Of a bundle that can be published; else why it cannot. */
export type IntakeContent = Omit<BundleContent, 'bytes'> | { readonly fault: string };

export interface IntakeDigest {
  /** SHA-256 of the file. */
  readonly digest: string;
  readonly bytes: number;
}

export interface WholeFile extends IntakeDigest {
  readonly content: IntakeContent;
}
