import type { Availability } from '#engine';

/** A driver that crashed or was installed meanwhile changes what a machine has, and asking starts processes. */
const GOOD_FOR_MS = 10 * 60_000;

/** What this machine has: an answer that is at most so old; default: ten minutes. */
export type KnownEngines = (maxAgeMs?: number) => Promise<readonly Availability[]>;

/** The newest answer that there is, without waiting for the next one; while there is none, the first. */
export function newestEngines(known: KnownEngines): () => Promise<readonly Availability[]> {
  let newest: readonly Availability[] | undefined;
  return async () => {
    const answer = known().then((engines) => (newest = engines));
    if (newest === undefined) return answer;
    // One that is there already is taken in before the next turn of the event loop; one that fails is asked for again.
    await Promise.race([answer.catch(() => {}), new Promise((resolve) => setImmediate(resolve))]);
    return newest;
  };
}

/** Keeps the answer of a probe; who asks while one runs waits for that one. A probe that fails leaves nothing behind. */
export function knownEngines(
  probe: () => Promise<readonly Availability[]>,
  nowMs = () => performance.now(),
): KnownEngines {
  let answer: Promise<readonly Availability[]> | undefined;
  let answeredMs = Infinity; // while it is awaited
  const keep = (engines: readonly Availability[]) => {
    answeredMs = nowMs();
    return engines;
  };
  const forget = (error: unknown): never => {
    answer = undefined;
    throw error;
  };
  return (maxAgeMs = GOOD_FOR_MS) => {
    if (answer !== undefined && nowMs() - answeredMs <= maxAgeMs) return answer;
    answeredMs = Infinity;
    return (answer = probe().then(keep).catch(forget));
  };
}
