import { createHash } from 'node:crypto';
import { createReadStream, readSync } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { EarlyFlush } from '#runtime';
import { TransferConnection, type AnswerHead, type TakeBody } from './transfer-connection.js';

const PIECE_BYTES = 2 ** 20;

/** Copies a file as the kernel does, and has it on the disk. */
export async function copy(file: string, target: string): Promise<void> {
  await fs.copyFile(file, target);
  await sync(target);
}

/** The same, and reads the copy for its SHA-256. */
export async function copyHashed(file: string, target: string): Promise<void> {
  await fs.copyFile(file, target);
  const hash = createHash('sha256');
  await pipeline(createReadStream(target, { highWaterMark: PIECE_BYTES }), hash);
  hash.digest();
  await sync(target);
}

/** A client of the registry over one connection. */
export class TransferClient {
  private constructor(
    private readonly connection: TransferConnection,
    private readonly headers: Readonly<Record<string, string>>,
  ) {}

  /** @param headers that every request has */
  static async open(url: string, headers: Readonly<Record<string, string>>): Promise<TransferClient> {
    return new TransferClient(await TransferConnection.open(url), headers);
  }

  /** Publishes a file as a new version. @throws Error where it is none */
  async publish(model: string, file: string): Promise<void> {
    const handle = await fs.open(file);
    try {
      const { size } = await handle.stat();
      const headers = { 'content-type': 'application/octet-stream', 'content-length': String(size) };
      const answer: Buffer[] = [];
      const { status } = await this.connection.ask(
        `POST /v1/models/${model}/versions`,
        { ...this.headers, ...headers },
        (part) => answer.push(Buffer.from(part)),
        (write) => sendFile(handle, write),
      );
      if (status !== 201) throw new Error(`${status}: ${Buffer.concat(answer).toString()}`);
    } finally {
      await handle.close();
    }
  }

  /** Downloads to a file, which is held to its digest and gets its name when it is on the disk. @throws Error for another digest */
  async fetchTo(route: string, target: string): Promise<void> {
    const hash = createHash('sha256');
    const temporary = `${target}.part`;
    const file = await fs.open(temporary, 'w');
    const flush = new EarlyFlush(file);
    let bytes = 0;
    try {
      const head = await this.get(route, (part) => {
        const written = writeAll(file, part, bytes);
        bytes += part.length;
        hash.update(part);
        return written.then(() => flush.written(bytes));
      });
      requireDigest(head, hash.digest('base64'));
      await flush.finish();
      await file.sync();
    } finally {
      await file.close();
    }
    await fs.rename(temporary, target);
    await sync(path.dirname(target));
  }

  /** Time until the first byte of a body is there; the rest is read, so that the connection stays. */
  async firstByteMs(route: string): Promise<number> {
    const startedMs = performance.now();
    let tookMs: number | undefined;
    await this.get(route, () => (tookMs ??= performance.now() - startedMs));
    return tookMs!;
  }

  /** @throws Error for an answer that is not the one asked for; what `take` throws */
  async get(
    route: string,
    take: TakeBody,
    { status: expected = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
  ): Promise<AnswerHead> {
    return this.connection.ask(`GET ${route}`, { ...this.headers, ...headers }, (part, head) => {
      if (head.status !== expected) throw new Error(`${route}: ${head.status}, expected ${expected}`);
      return take(part, head);
    });
  }

  close(): void {
    this.connection.close();
  }
}

/** @throws Error unless the answer says that it has this digest, in base64 */
export function requireDigest({ headers }: AnswerHead, found: string): void {
  const expected = headers.get('repr-digest');
  if (expected !== `sha-256=:${found}:`) throw new Error(`the digest is ${found}, expected ${expected}`);
}

/** While one piece is sent the next one is read. */
async function sendFile({ fd }: FileHandle, write: (part: Buffer) => Promise<void>): Promise<void> {
  const memory = [Buffer.alloc(PIECE_BYTES), Buffer.alloc(PIECE_BYTES)];
  let sending = Promise.resolve();
  for (let turn = 0; ; turn++) {
    const piece = memory[turn % 2]!;
    const bytes = readSync(fd, piece);
    await sending;
    if (bytes === 0) return;
    sending = write(piece.subarray(0, bytes));
  }
}

async function writeAll(file: FileHandle, part: Buffer, at: number): Promise<void> {
  for (let done = 0; done < part.length;) {
    const { bytesWritten } = await file.write(part, done, part.length - done, at + done);
    done += bytesWritten;
  }
}

async function sync(file: string): Promise<void> {
  const handle = await fs.open(file, 'r');
  await handle.sync().finally(() => handle.close());
}
