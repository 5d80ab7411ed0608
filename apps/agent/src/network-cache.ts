import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, type MeasuredSubnet } from '#contracts';
import { writeFileAtomic } from '#runtime';

type NetworkFile = MeasuredSubnet['onnx'];

/** Networks on disk, by the SHA-256 of their bytes: a file that is damaged or half written is never used. */
export class NetworkCache {
  constructor(
    private readonly folder: string,
    private readonly download: (url: string, signal: AbortSignal) => Promise<Uint8Array>,
  ) {}

  /**
   * Path of the network's file, downloaded unless it is there.
   * @throws AppError artifact_corrupt when the server's bytes are not those that the digest names.
   */
  async fileOf(network: NetworkFile, signal: AbortSignal): Promise<string> {
    const file = join(this.folder, `${network.digest}.onnx`);
    const kept = await readFile(file).catch(() => undefined);
    if (kept && digestOf(kept) === network.digest) return file;
    const bytes = await this.download(network.url, signal);
    const found = digestOf(bytes);
    if (found !== network.digest) {
      throw new AppError(
        'artifact_corrupt',
        `${network.url} has ${bytes.length} bytes with SHA-256 ${found}, expected ${network.bytes} with ${network.digest}`,
      );
    }
    await writeFileAtomic(file, bytes);
    return file;
  }
}

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
