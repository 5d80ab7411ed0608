import type { BundleContent } from '#registry';
import type { Piece } from './piece-window.js';

/** Pieces of files that come at the same time are told apart by `intake`. Every request has one reply. */
export type IntakeRequest = { readonly intake: number } & (
  | (Piece & {
      readonly kind: 'piece';
      /** Descriptor of the file that gets all of it. */
      readonly file: number | undefined;
    })
  | { readonly kind: 'end' }
  /** Forgets a file of which no more comes. */
  | { readonly kind: 'forget' }
);

export type IntakeReply =
  | { readonly kind: 'done' }
  | { readonly kind: 'whole'; readonly whole: WholeFile }
  | { readonly kind: 'failed'; readonly message: string };

export interface WholeFile {
  /** SHA-256 of the file. */
  readonly digest: string;
  readonly bytes: number;
  /** Of a bundle that can be published; else why it cannot. */
  readonly content: Omit<BundleContent, 'bytes'> | { readonly fault: string };
}
