import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import nodePath from 'node:path';
import type { Readable } from 'node:stream';
import { AppError, notFound, type Actor, type ModelVersion } from '#contracts';
import { bundleName, DIGESTS_FOLDER, MLMODEL, mlmodelFile, MODELS_FOLDER, type ProxiedFile } from '#mlflow';
import type { RegistryService } from '#registry';
import type { Storage, StoredArtifact } from '#storage';
import { receiveBody } from '../../resumable-uploads/receive-body.js';

export interface ArtifactProxyParts {
  readonly storage: Pick<Storage, 'artifacts' | 'proxiedFiles'>;
  readonly registry: Pick<RegistryService, 'version'>;
  /** Of this machine: what a request brings lies there until it is stored. */
  readonly folder: string;
  readonly maxFileBytes: number;
}

/** A file of the proxy: a text that is made when it is asked for, or one of the artifact store. */
export type ProxiedContent =
  | { readonly text: string }
  | { readonly stored: StoredArtifact; readonly name: string; readonly mayChange: boolean };

interface Entry {
  readonly path: string;
  readonly is_dir: boolean;
  readonly file_size?: number;
}

const LONGEST_PATH = 1000;
const MOST_ENTRIES = 10_000;
/** What sources of versions read otherwise than as files that were put. */
const TAKEN_FOLDERS: ReadonlySet<string> = new Set([MODELS_FOLDER, DIGESTS_FOLDER]);

/**
 * The files that MLflow's clients see. `models/NAME/VERSION` has those of a version, which nobody puts, nor anything into `sha256`, by
 * which versions name uploads; everywhere else are files that clients have put, for a day, to make versions of them.
 */
export class ArtifactProxy {
  constructor(private readonly parts: ArtifactProxyParts) {}

  /** What is directly below a folder; nothing below a file, or where nothing is. @throws AppError invalid_request */
  async list(actor: Actor, folder: string): Promise<Entry[]> {
    const segments = segmentsOf(folder);
    if (segments[0] === MODELS_FOLDER) return this.versionEntries(actor, segments);
    const path = segments.join('/');
    const files = await this.parts.storage.proxiedFiles.below(actor, path, MOST_ENTRIES);
    return entriesIn(path, files);
  }

  /** @throws AppError not_found, invalid_request for what cannot be a path */
  async find(actor: Actor, given: readonly string[]): Promise<ProxiedContent> {
    const segments = segmentsOf(given.join('/'));
    const path = segments.join('/');
    if (segments[0] === MODELS_FOLDER) {
      const version = await this.versionAt(actor, segments);
      const content = version && segments.length === 4 && contentOf(version, segments[3]!);
      if (!content) throw notFound('file', path);
      return content;
    }
    const file = await this.parts.storage.proxiedFiles.find(actor, path);
    if (file === undefined) throw notFound('file', path);
    // The path is the client's: its names may be none that a header can carry.
    return { stored: file, name: file.digest, mayChange: true };
  }

  open(...of: Parameters<Storage['artifacts']['open']>): Promise<Readable> {
    return this.parts.storage.artifacts.open(...of);
  }

  /**
   * @param declaredBytes what the client says the body has, so that one that is too large is not even begun
   * @throws AppError invalid_request, payload_too_large, or the error of a body that breaks off
   */
  async put(actor: Actor, given: readonly string[], body: Readable, declaredBytes: number): Promise<void> {
    const { storage, folder, maxFileBytes } = this.parts;
    const segments = segmentsOf(given.join('/'));
    if (TAKEN_FOLDERS.has(segments[0] ?? '')) throw notToBePut(segments.join('/'));
    if (declaredBytes > maxFileBytes) throw tooLarge(maxFileBytes, declaredBytes);
    const file = nodePath.join(folder, randomUUID().replaceAll('-', ''));
    try {
      const { digest, failure } = await receiveBody(body, file, {
        maxBytes: maxFileBytes,
        tooLong: () => tooLarge(maxFileBytes),
      });
      if (digest === undefined) throw failure!;
      const stored = await storage.artifacts.adoptFile(file, digest);
      await storage.proxiedFiles.note(actor, { path: segments.join('/'), ...stored }, new Date());
    } finally {
      await rm(file, { force: true });
    }
  }

  private async versionEntries(actor: Actor, segments: readonly string[]): Promise<Entry[]> {
    const version = segments.length === 3 ? await this.versionAt(actor, segments) : undefined;
    if (version === undefined) return [];
    return [
      { path: MLMODEL, is_dir: false, file_size: Buffer.byteLength(mlmodelFile(version)) },
      { path: bundleName(version), is_dir: false, file_size: version.bundle.bytes },
    ];
  }

  private async versionAt(
    actor: Actor,
    [, model, version]: readonly string[],
  ): Promise<ModelVersion | undefined> {
    if (model === undefined || version === undefined || !/^\d{1,9}$/.test(version)) return undefined;
    return this.parts.registry.version(actor, model, Number(version)).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'not_found') return undefined;
      throw error;
    });
  }
}

function contentOf(version: ModelVersion, name: string): ProxiedContent | undefined {
  if (name === MLMODEL) return { text: mlmodelFile(version) };
  return name === bundleName(version) ? { stored: version.bundle, name, mayChange: false } : undefined;
}

/** @throws AppError invalid_request */
function segmentsOf(path: string): string[] {
  const segments = path.split('/').filter((segment) => segment !== '');
  const isPath = path.length <= LONGEST_PATH && !segments.some((each) => /^\.{1,2}$|[\\\0]/.test(each));
  if (isPath) return segments;
  const expected = `names with / between them, none of them . or .., of at most ${LONGEST_PATH} characters in all`;
  throw new AppError('invalid_request', `path is "${path.slice(0, 100)}": expected ${expected}`, {
    fields: [{ field: 'path', value: path, expected }],
  });
}

function entriesIn(folder: string, files: readonly ProxiedFile[]): Entry[] {
  const entries = new Map<string, Entry>();
  for (const { path, bytes } of files) {
    const [name, ...below] = path.slice(folder === '' ? 0 : folder.length + 1).split('/') as [string];
    const isFolder = below.length > 0;
    entries.set(name, { path: name, is_dir: isFolder, ...(!isFolder && { file_size: bytes }) });
  }
  return [...entries.values()];
}

function tooLarge(maxBytes: number, bytes?: number): AppError {
  const expected = `at most ${maxBytes} bytes`;
  const has = bytes === undefined ? 'is larger' : `has ${bytes} bytes`;
  return new AppError('payload_too_large', `the file ${has}: expected ${expected}`, {
    fields: [{ field: 'body', value: bytes, expected }],
  });
}

function notToBePut(path: string): AppError {
  const expected =
    `a path outside of ${MODELS_FOLDER}/, where versions have their files, and ${DIGESTS_FOLDER}/, ` +
    'where uploads are; create the version from it then';
  return new AppError('invalid_request', `path is "${path}": expected ${expected}`, {
    fields: [{ field: 'path', value: path, expected }],
  });
}
