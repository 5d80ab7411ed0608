import { createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { thumbprintOf, type PublicJwk } from '#registry';
import { CommandError } from '../command-error.js';
import { readFileOf, readJsonFile } from '../read-file.js';
import type { VerifyOptions } from './verify-options.js';

const Jwk = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  kid: z.string().optional(),
});
const JwkSet = z.object({ keys: z.array(z.unknown()) });

/** @throws CommandError when neither option is given, or its file has no Ed25519 public key */
export async function publicKeys({ key, keys }: VerifyOptions): Promise<PublicJwk[]> {
  if (key !== undefined) return [await oneKey(key)];
  if (keys !== undefined) return keysOfSet(keys, await readJsonFile(keys));
  throw new CommandError(
    'expected --key or --keys: who signed a report can only be told by a key that you trust',
  );
}

async function oneKey(file: string): Promise<PublicJwk> {
  const text = await readFileOf(file, 'utf8');
  if (text.includes('-----BEGIN')) return keyOfPem(file, text);
  const json = await readJsonFile(file);
  const parsed = Jwk.safeParse(json);
  if (parsed.success) return named(parsed.data);
  if (JwkSet.safeParse(json).success) throw new CommandError(`${file} is a set of keys: give it as --keys`);
  throw new CommandError(
    `${file}: expected an Ed25519 public key as a JWK: {"kty": "OKP", "crv": "Ed25519", "x": ...}`,
  );
}

function keyOfPem(file: string, pem: string): PublicJwk {
  if (pem.includes('PRIVATE KEY')) throw new CommandError(`${file} is a private key: give the public one`);
  try {
    return named(Jwk.parse(createPublicKey(pem).export({ format: 'jwk' })));
  } catch {
    throw new CommandError(`${file}: expected an Ed25519 public key in PEM`);
  }
}

/** Keys of other kinds, which a set may have, are passed over. */
function keysOfSet(file: string, json: unknown): PublicJwk[] {
  const set = JwkSet.safeParse(json);
  if (!set.success) throw new CommandError(`${file}: expected a JWK set: {"keys": [...]}`);
  const usable = set.data.keys.flatMap((each) => {
    const parsed = Jwk.safeParse(each);
    return parsed.success ? [named(parsed.data)] : [];
  });
  if (usable.length > 0) return usable;
  throw new CommandError(`${file} has no Ed25519 public key`);
}

/** By its thumbprint: what a file calls a key is not to be believed. */
const named = (key: z.infer<typeof Jwk>): PublicJwk => ({ ...key, kid: thumbprintOf(key.x) });
