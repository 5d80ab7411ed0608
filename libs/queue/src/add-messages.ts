import type { BullQueue, KnownMessage } from './backend.js';
import { entryOf, KEEP_COMPLETED, KEEP_FAILED, type QueueName } from './catalogue.js';

/** A message that its queue takes. */
export interface CheckedMessage {
  readonly data: unknown;
  readonly id: string;
  readonly priority: number;
}

/** Puts a message in. One that waits gets the priority, one that ended is replaced, one that is handled stays. */
export async function addMessage(
  queue: BullQueue,
  name: QueueName,
  message: CheckedMessage,
): Promise<void> {
  const known = await queue.getJob(message.id);
  const state = await known?.getState();
  if (state === 'completed' || state === 'failed') await known?.remove();
  const rank = rankOf(message.priority);
  if (known !== undefined && state === 'prioritized' && known.priority !== rank)
    return known.changePriority({ priority: rank });
  await queue.add(name, message.data, optionsOf(name, message));
}

/**
 * Does the same for many messages in as many round trips as for one, if most of them are new.
 * @param known what the queue has of them
 */
export async function addAll(
  queue: BullQueue,
  name: QueueName,
  messages: readonly CheckedMessage[],
  known: ReadonlyMap<string, KnownMessage>,
): Promise<void> {
  // Of one message with several priorities the last one counts.
  const last = [...new Map(messages.map((message) => [message.id, message])).values()];
  const added = last.filter(({ id }) => !known.has(id));
  const changed = last.filter(({ id, priority }) => {
    const before = known.get(id);
    return before !== undefined && (before.hasEnded || before.rank !== rankOf(priority));
  });
  if (added.length > 0)
    await queue.addBulk(added.map((message) => ({ name, data: message.data, opts: optionsOf(name, message) })));
  await Promise.all(changed.map((message) => addMessage(queue, name, message)));
}

function optionsOf(name: QueueName, { id, priority }: CheckedMessage) {
  const { attempts, backoff } = entryOf(name);
  const keep = { removeOnComplete: KEEP_COMPLETED, removeOnFail: KEEP_FAILED };
  return { jobId: id, attempts, backoff, priority: rankOf(priority), ...keep };
}

/** BullMQ's: 1 is first, and 0 would be before all. */
export const rankOf = (priority: number): number => 101 - priority;
