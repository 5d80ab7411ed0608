import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '#runtime';
import { accuracyRun, type AccuracyMethod, type AccuracyRun } from './accuracy-run.js';

/** What a run is found again by. */
export interface RunIdentity {
  readonly method: AccuracyMethod;
  readonly seed: number;
  /** JSON: everything else that its figures depend on. */
  readonly settings: object;
}

const stored = z.object({ settings: z.unknown(), run: accuracyRun });

/** Finished runs, one JSON file each, so that an interrupted benchmark goes on where it was. */
export class RunStore {
  constructor(
    private readonly folder: string,
    private readonly say: (text: string) => void,
  ) {}

  /** The run of this very identity; undefined, having said why, where its file is damaged. */
  async find(identity: RunIdentity): Promise<AccuracyRun | undefined> {
    const file = this.#fileOf(identity);
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    const run = readRun(text);
    if (run?.method === identity.method && run.seed === identity.seed) return run;
    this.say(`${file} is damaged: its run is made again`);
    return undefined;
  }

  /** Settings are kept beside the run for people: the digest in the file's name cannot be read. */
  async save(identity: RunIdentity, run: AccuracyRun): Promise<void> {
    const content = { settings: identity.settings, run };
    await writeFileAtomic(this.#fileOf(identity), `${JSON.stringify(content, null, 2)}\n`);
  }

  #fileOf(identity: RunIdentity): string {
    const { method, seed } = identity;
    return path.join(this.folder, `${method}-seed-${seed}-${digestOf(identity).slice(0, 16)}.json`);
  }
}

function readRun(text: string): AccuracyRun | undefined {
  try {
    return stored.safeParse(JSON.parse(text)).data?.run;
  } catch {
    return undefined; // no JSON
  }
}

function digestOf(identity: RunIdentity): string {
  return createHash('sha256').update(canonicalJson(identity)).digest('hex');
}

/** The same text for the same values, in whatever order they were put together. */
function canonicalJson(value: object): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
