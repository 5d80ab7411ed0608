import { setTimeout as delay } from 'node:timers/promises';
import { BundleFolder } from '#edge';
import { lockDataDirectory } from '#runtime';
import { targetOf } from '../enrolment/target-of.js';
import { ServerClient } from '../server-client.js';
import { ServerError } from '../server-error.js';
import type { Streams } from '../streams.js';
import { ConditionalReader } from './conditional-reader.js';
import { describePull } from './describe-pull.js';
import { pull, type PullParts, type PullResult } from './pull.js';
import type { PullOptions } from './pull-command.js';

/**
 * Pulls once, or again and again with `watch` until aborted; what fails then is told and tried again.
 * @throws what `pull` throws, with `watch` where the key is refused alone; Error when another process pulls into the folder
 */
export async function runPull(options: PullOptions, streams: Streams, signal: AbortSignal): Promise<void> {
  const { server, device, apiKey } = targetOf(options);
  const client = new ServerClient(server, apiKey);
  const folder = new BundleFolder(options.folder);
  const reader = new ConditionalReader(client);
  const parts = { client, reader, folder, server, device, verified: new Set<string>() };
  const unlock = lockDataDirectory(options.folder, 'pull');
  try {
    if (options.watch === undefined) tell(await pull(parts, options.reference, signal), options, streams);
    else await watch(parts, options, streams, signal);
  } finally {
    unlock();
  }
}

async function watch(
  parts: PullParts,
  options: PullOptions,
  streams: Streams,
  signal: AbortSignal,
): Promise<void> {
  const failures = new ToldFailures(streams);
  for (let isFirst = true; ; isFirst = false) {
    try {
      const result = await pull(parts, options.reference, signal);
      if (result.changed || isFirst) tell(result, options, streams);
      failures.over();
    } catch (error) {
      signal.throwIfAborted();
      if (isRefused(error)) throw error;
      failures.happened(error);
    }
    await delay(options.watch! * 1000, undefined, { signal });
  }
}

const tell = (result: PullResult, { json }: PullOptions, { out }: Streams): void =>
  out(json ? `${JSON.stringify(result)}\n` : describePull(result));

/** Says of a failure that comes again and again once that it did. */
class ToldFailures {
  #last: string | undefined;

  constructor(private readonly streams: Pick<Streams, 'err'>) {}

  happened(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    if (text !== this.#last) this.streams.err(`will try again: ${text}\n`);
    this.#last = text;
  }

  over(): void {
    if (this.#last !== undefined) this.streams.err('pulling works again\n');
    this.#last = undefined;
  }
}

/** Trying again changes nothing. */
const isRefused = (error: unknown): boolean =>
  error instanceof ServerError && (error.status === 401 || error.status === 403);
