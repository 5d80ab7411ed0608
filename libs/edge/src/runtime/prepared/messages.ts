import type { SessionTemplate } from './session-template.js';

/** Asks for a template of a subnet. */
export interface PrepareRequest {
  readonly model: Uint8Array;
  readonly tensors: readonly { readonly path: string; readonly shape: readonly number[] }[];
  /** For a file that is as large as the subnet, and removed at once. */
  readonly folder: string;
}

export type PrepareReply =
  { readonly ok: true; readonly template: SessionTemplate } | { readonly ok: false; readonly error: string };
