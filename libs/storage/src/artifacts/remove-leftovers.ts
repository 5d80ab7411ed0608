import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { unlessMissing } from './missing-file.js';

/** Longer than anything takes to be written. */
const LEFT_AFTER_MS = 24 * 60 * 60 * 1000;

/**
 * Removes what processes that were killed left in a folder; several may do so at once.
 * @param isOwn whether a name is one that is given while something is written
 * @param afterMs what was written to since may belong to a process that is at work
 * @throws AggregateError of what could not be removed, once all the rest is
 */
export async function removeLeftovers(
  folder: string,
  isOwn: (name: string) => boolean,
  afterMs = LEFT_AFTER_MS,
): Promise<void> {
  const names = ((await readdir(folder).catch(unlessMissing)) ?? []).filter(isOwn);
  const before = Date.now() - afterMs;
  const removals = await Promise.allSettled(names.map((name) => removeOld(path.join(folder, name), before)));
  const errors = removals.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} leftovers in ${folder} stay`);
}

async function removeOld(entry: string, beforeMs: number): Promise<void> {
  const found = await stat(entry).catch(unlessMissing);
  if (found === undefined || found.mtimeMs > beforeMs) return;
  await rm(entry, { recursive: true, force: true });
}
