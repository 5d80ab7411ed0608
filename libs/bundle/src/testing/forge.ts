import { seal, NO_DIGEST } from '../bundle-digest.js';
import { headerOf, type Header } from './header-of.js';

export type Forged = Pick<Header, 'tensors'> & { metadata: Record<string, unknown>; data: Uint8Array };

/** A file with a header of any content and the digest that belongs to it: what an attacker can make, and a bit error cannot. */
export function forge(file: Uint8Array, change: (parts: Forged) => unknown): Uint8Array {
  const { length, metadata, tensors } = headerOf(file);
  const parts: Forged = {
    metadata: { ...metadata, digest: NO_DIGEST },
    tensors,
    data: file.slice(8 + length),
  };
  change(parts);
  const text = JSON.stringify({ __metadata__: parts.metadata, ...parts.tensors });
  const json = new TextEncoder().encode(text + ' '.repeat(-text.length & 7));
  const bytes = new Uint8Array(8 + json.length + parts.data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(parts.data, 8 + json.length);
  return text.includes(NO_DIGEST) ? seal(bytes) : bytes;
}

/** The same for what its manifest says. */
export function forgeManifest<Manifest = Record<string, unknown>>(
  file: Uint8Array,
  change: (manifest: Manifest) => unknown,
): Uint8Array {
  return forge(file, ({ metadata }) => {
    const manifest = JSON.parse(metadata['manifest'] as string) as Manifest;
    metadata['manifest'] = JSON.stringify(change(manifest) ?? manifest);
  });
}
