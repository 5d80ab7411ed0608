import fs from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '#contracts';
import { digestOfFile, syncFolder } from '#runtime';
import { backOffMs } from '../back-off.js';
import type { ServerClient } from '../server-client.js';
import { isTemporary, ServerUnreachableError } from '../server-error.js';
import { receive } from './receive.js';

/** A file that the server has. */
export interface RemoteFile {
  /** Below the server's URL. */
  readonly path: string;
  readonly digest: string;
  readonly bytes: number;
}

export interface DownloadOptions {
  readonly client: Pick<ServerClient, 'read'>;
  readonly signal: AbortSignal;
}

/** Failures in a row, without a byte between them, that a download survives. */
const FAILURES = 5;

/**
 * Brings a file to `target`, where it appears whole and verified or not at all. What came of it lies beside it until then, and the
 * next try goes on from there, also one of another process.
 * @returns bytes that came over the network
 * @throws AppError artifact_corrupt when the server's bytes are not those of the digest; ServerError; ServerUnreachableError
 */
export async function downloadFile(
  remote: RemoteFile,
  target: string,
  options: DownloadOptions,
): Promise<number> {
  await fs.mkdir(path.dirname(target), { recursive: true });
  const part = path.join(path.dirname(target), `${remote.digest}.part`);
  const kept = await sizeOf(part);
  let received = await receiveRest(remote, part, options);
  if ((await digestOfFile(part)).digest !== remote.digest && kept > 0) {
    await fs.rm(part); // what was kept may be what is damaged
    received += await receiveRest(remote, part, options);
  }
  await requireDigest(remote, part);
  await fs.rename(part, target);
  await syncFolder(path.dirname(target));
  return received;
}

/** Whether a file is there with these bytes. */
export async function isWhole(file: string, digest: string): Promise<boolean> {
  return (await sizeOf(file)) > 0 && (await digestOfFile(file)).digest === digest;
}

/** Goes on where a connection broke, as often as something comes each time. */
async function receiveRest(
  remote: RemoteFile,
  part: string,
  { client, signal }: DownloadOptions,
): Promise<number> {
  let received = 0;
  for (let failures = 0; ;) {
    const start = await sizeOf(part);
    try {
      return received + (await receive(remote, { part, start }, client, signal));
    } catch (error) {
      signal.throwIfAborted();
      const came = (await sizeOf(part)) - start;
      received += Math.max(came, 0);
      failures = came > 0 ? 1 : failures + 1;
      if (!isTemporary(error)) throw error;
      if (failures > FAILURES) throw givenUp(remote, part, error);
      await delay(backOffMs(failures), undefined, { signal });
    }
  }
}

async function requireDigest({ path: from, digest, bytes }: RemoteFile, part: string): Promise<void> {
  const found = (await digestOfFile(part)).digest;
  if (found === digest) return;
  await fs.rm(part);
  const detail = `${from} has bytes with SHA-256 ${found}, expected ${bytes} with ${digest}`;
  throw new AppError('artifact_corrupt', detail);
}

function givenUp({ path: from }: RemoteFile, part: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return new ServerUnreachableError(
    `${from}: given up after ${FAILURES} tries; what came is kept in ${part} for the next one: ${reason}`,
  );
}

async function sizeOf(file: string): Promise<number> {
  return fs.stat(file).then(
    ({ size }) => size,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return 0;
      throw error;
    },
  );
}
