import type { ImportFile } from '#devices';

/** A file of an import with this text in it, in pieces of a few bytes, as a slow connection would bring it. */
export function anImportFile(name: string, text: string, pieceBytes = 7): ImportFile {
  const bytes = new TextEncoder().encode(text);
  return {
    name,
    digest: 'c'.repeat(64),
    bytes: bytes.length,
    content: () => pieces(bytes, pieceBytes),
  };
}

async function* pieces(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    yield await Promise.resolve(bytes.subarray(at, at + pieceBytes));
  }
}
