import { readFile } from 'node:fs/promises';
import { ed25519Key } from '#registry';

/**
 * The key that SIGNING_KEY names, as PEM.
 * @throws Error naming the file, when it cannot be read or is no Ed25519 private key
 */
export async function readSigningKey(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    const pem = await readFile(file, 'utf8');
    ed25519Key(pem);
    return pem;
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new Error(`SIGNING_KEY="${file}": expected a PEM file of an Ed25519 private key: ${reason}`, {
      cause,
    });
  }
}
