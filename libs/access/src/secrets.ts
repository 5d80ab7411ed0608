import { createHash, randomBytes } from 'node:crypto';

/** API keys are told from other secrets by how they begin. */
export const API_KEY_START = 'iso_';
const SECRET_BYTES = 24;
/** Enough to tell keys apart, too little to guess the rest. */
const SHOWN_LENGTH = 6;
const FORM = /^iso_[A-Za-z0-9_-]{32}$/;

/** A key as its holder gets it, how it begins, and what of it is stored. */
export interface Secret {
  readonly key: string;
  readonly prefix: string;
  readonly digest: string;
}

/**
 * A new key: 192 random bits, so that nobody finds one by trying.
 * @param start tells what it is the key of
 */
export function newSecret(start: string): Secret {
  const key = start + randomBytes(SECRET_BYTES).toString('base64url');
  return { key, prefix: key.slice(0, start.length + SHOWN_LENGTH), digest: digestOf(key) };
}

/** Whether a text can be an API key at all; one that cannot is not looked up. */
export function mayBeKey(text: string): boolean {
  return FORM.test(text);
}

/** One way. A key is looked up by it, so that how long that takes says nothing of the key. */
export function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
