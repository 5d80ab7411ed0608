import type { BundleContent } from '#registry';

/** Pieces of files that come at the same time are told apart by `intake`. Every request has one reply. */
export type IntakeRequest = { readonly intake: number } & (
  | {
      readonly kind: 'piece';
      /** Where in the file it begins. */
      readonly at: number;
      /** Of memory that both threads see; it is the sender's again when the piece was taken. */
      readonly bytes: Uint8Array<SharedArrayBuffer>;
    }
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
