import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** SHA-256 of a local file as 64 hex digits, and its size. @throws the error of node:fs */
export async function digestOfFile(file: string): Promise<{ digest: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { digest: hash.digest('hex'), bytes };
}
