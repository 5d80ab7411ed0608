import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { claimFile, identify, removeStaleFile, stillRuns, type ProcessIdentity } from '#runtime';

const Identity = z.object({ pid: z.number().int(), startedAt: z.string() });

/** Who runs the server of a data folder: the launcher, and the guardian that stops the server when the launcher dies. */
const Owner = z.object({ launcher: Identity, guardian: Identity.optional() });
type Owner = z.infer<typeof Owner>;

const GUARDIAN_TIMEOUT_MS = 45_000;

/**
 * Makes this process the owner of a data folder. When the owner before was killed, waits until its guardian has
 * finished stopping the server.
 * @throws Error when another process that runs owns it.
 */
export async function becomeOwner(file: string): Promise<void> {
  const deadline = Date.now() + GUARDIAN_TIMEOUT_MS;
  while (!claimFile(file, JSON.stringify({ launcher: self() } satisfies Owner))) {
    const text = read(file);
    if (text === undefined) continue; // given up by its owner just now
    const owner = parse(text);
    if (owner !== undefined && stillRuns(owner.launcher)) {
      throw new Error(
        `${path.dirname(file)} is in use by process ${owner.launcher.pid}; stop that one, or set DATA_DIR to another directory`,
      );
    }
    const guardian = owner?.guardian;
    if (guardian === undefined || !stillRuns(guardian)) {
      removeStaleFile(file, text);
    } else if (Date.now() > deadline) {
      throw new Error(`process ${guardian.pid} has not stopped the database server in ${path.dirname(file)}`);
    } else {
      await delay(20);
    }
  }
}

/** Notes the guardian's process, so that a successor of a killed owner can wait for it. */
export function noteGuardian(file: string, pid: number): void {
  const guardian = identify(pid);
  fs.renameSync(draft(file, { launcher: self(), ...(guardian ? { guardian } : {}) }), file);
}

/** Gives the folder up. */
export function disown(file: string): void {
  fs.rmSync(file, { force: true });
}

function self(): ProcessIdentity {
  const identity = identify(process.pid);
  if (identity === undefined) throw new Error('cannot tell when this process was started');
  return identity;
}

function draft(file: string, owner: Owner): string {
  const temporary = `${file}.${randomUUID()}`;
  fs.writeFileSync(temporary, JSON.stringify(owner), { flush: true });
  return temporary;
}

function read(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parse(text: string): Owner | undefined {
  try {
    return Owner.parse(JSON.parse(text));
  } catch {
    return undefined; // damaged, so nobody's
  }
}
