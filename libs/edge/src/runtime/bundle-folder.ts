import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { applyAddendum, readAddendum, readBundleInPlace } from '#bundle';
import { writeFileAtomic } from '#runtime';
import { checkPoints, type RuntimePoint } from './runtime-point.js';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const Hertz = z.number().positive().optional();

const Point = z.strictObject({
  ...{ name: z.string().min(1), ratio: z.number().min(0).lt(1) },
  ...{ cpuHz: Hertz, gpuHz: Hertz, memHz: Hertz, emulatedCpuShare: z.number().positive().optional() },
});

const Contents = z.strictObject({
  format: z.literal('isochron-folder'),
  version: z.literal(1),
  source: z.record(z.string(), z.unknown()),
  bundle: Sha256,
  addenda: z.array(Sha256),
  points: z.array(Point).min(1),
});

/** What a folder holds: files by the SHA-256 of their bytes, and which ratio runs at which operating point. */
export interface FolderContents {
  /** Where it came from; whatever helps people. */
  readonly source: Readonly<Record<string, unknown>>;
  readonly bundle: string;
  readonly addenda: readonly string[];
  readonly points: readonly RuntimePoint[];
}

/** All that a runtime is opened with. */
export interface StoredBundle {
  readonly bundle: Uint8Array;
  readonly addenda: readonly Uint8Array[];
  readonly points: readonly RuntimePoint[];
}

const POINTER = 'current.json';
const EXTENSION = '.safetensors';
/** Files of this folder but the pointer, and what writers that were killed left of theirs. */
const OWN = /^[0-9a-f]{64}\.safetensors$|^[0-9a-f]{64}\.part$|^\..*\.tmp$/;
/** A writer that comes in between takes files away; it is the last one that counts. */
const READS = 5;

/**
 * A bundle with its addenda and deployment on disk. Files have their digests for names and one small file names those that
 * count: it is replaced in one step, so that a process that is killed, or a machine that loses power, leaves all of the old
 * contents or all of the new ones. One process at a time may write, any number may read.
 */
export class BundleFolder {
  constructor(readonly folder: string) {}

  /** @throws Error naming the file when it holds something else; undefined where nothing is there yet. */
  async contents(): Promise<FolderContents | undefined> {
    const file = path.join(this.folder, POINTER);
    const text = await fs.readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    const parsed = Contents.safeParse(jsonOf(text));
    if (parsed.success) return parsed.data;
    const { path: field, message } = parsed.error.issues[0]!;
    throw new Error(`${file}: ${field.join('.') || 'the content'}: ${message}`);
  }

  /** @throws Error when nothing is there, or a file is missing; damage is found by whoever opens the bundle. */
  async read(): Promise<StoredBundle> {
    for (let reads = 1; ; reads++) {
      const contents = await this.contents();
      if (!contents) throw new Error(`${this.folder}: expected a bundle and its ${POINTER}, found none`);
      try {
        return await this.#readFiles(contents);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || reads === READS) throw error;
      }
    }
  }

  /** Where a file of these bytes lies, or will lie. */
  fileOf(digest: string): string {
    return path.join(this.folder, digest + EXTENSION);
  }

  has(digest: string): boolean {
    return existsSync(this.fileOf(digest));
  }

  /** Stores a file, which counts once `publish` names it. @returns its digest */
  async add(bytes: Uint8Array): Promise<string> {
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (!this.has(digest)) await writeFileAtomic(this.fileOf(digest), bytes);
    return digest;
  }

  /**
   * Makes files that were added what counts, and removes all others.
   * @throws BundleError or RangeError, with everything as it was, when they do not belong together or lack a point's ratio.
   */
  async publish(contents: FolderContents): Promise<void> {
    const { bundle, addenda, points } = await this.#readFiles(contents);
    const { family } = addenda.map(readAddendum).reduce(applyAddendum, readBundleInPlace(bundle));
    checkPoints(
      points,
      family.members.map(({ ratio }) => ratio),
    );
    const text = JSON.stringify({ format: 'isochron-folder', version: 1, ...contents }, null, 2);
    await writeFileAtomic(path.join(this.folder, POINTER), `${text}\n`);
    await this.#removeOthers(new Set([contents.bundle, ...contents.addenda]));
  }

  /**
   * A delta update: further addenda, and the ratios of the operating points from now on.
   * @throws as `publish` does; Error when there is no bundle yet.
   */
  async update(addenda: readonly Uint8Array[], points: readonly RuntimePoint[]): Promise<void> {
    const before = await this.contents();
    if (!before) throw new Error(`${this.folder}: expected a bundle that addenda belong to, found none`);
    const added: string[] = [];
    for (const bytes of addenda) added.push(await this.add(bytes));
    await this.publish({ ...before, addenda: [...new Set([...before.addenda, ...added])], points });
  }

  async #readFiles({ bundle, addenda, points }: FolderContents): Promise<StoredBundle> {
    const read = (digest: string) => fs.readFile(this.fileOf(digest));
    return { bundle: await read(bundle), addenda: await Promise.all(addenda.map(read)), points };
  }

  async #removeOthers(kept: ReadonlySet<string>): Promise<void> {
    const names = await fs.readdir(this.folder);
    const others = names.filter((name) => OWN.test(name) && !kept.has(name.slice(0, -EXTENSION.length)));
    await Promise.all(others.map((name) => fs.rm(path.join(this.folder, name), { force: true })));
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
