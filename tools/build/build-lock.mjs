import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 100;
const SAY_SO_AFTER_MS = 5_000;

/**
 * Does something to a checkout that only one process may do at a time, and waits for another one that does.
 * @param file the lock; one that a killed process left is taken over
 */
export async function alone(file, work) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  await taken(file);
  try {
    return await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

async function taken(file) {
  const since = performance.now();
  let said = false;
  while (!claim(file)) {
    removeIfDead(file);
    if (!said && performance.now() - since > SAY_SO_AFTER_MS) {
      process.stderr.write(`waiting for another build of this checkout (process ${read(file)}, ${file})\n`);
      said = true;
    }
    await delay(POLL_MS);
  }
}

/** A link appears with its content, so nobody reads a lock that does not say yet whose it is. */
function claim(file) {
  const draft = `${file}.${randomUUID()}`;
  fs.writeFileSync(draft, String(process.pid));
  try {
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    fs.rmSync(draft);
  }
}

function removeIfDead(file) {
  const holder = read(file);
  if (holder === undefined || isAlive(Number(holder))) return;
  const aside = `${file}.${randomUUID()}`;
  try {
    fs.renameSync(file, aside);
  } catch {
    return; // another process was faster
  }
  // Taken anew since it was read: it goes back.
  if (read(aside) !== holder) fs.linkSync(aside, file);
  fs.rmSync(aside);
}

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined; // released just now
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
