import type { BullQueue, KnownMessage } from './backend.js';
import {
  entryOf,
  KEEP_COMPLETED,
  KEEP_FAILED,
  parseQueueData,
  QueueMessageError,
  type QueueData,
  type QueueName,
} from './catalogue.js';

/** A message that its queue takes. */
export interface CheckedMessage {
  readonly data: unknown;
  readonly id: string;
  readonly priority: number;
  readonly unlessIn?: QueueName;
}

type Ranked = Pick<CheckedMessage, 'id' | 'priority'>;
type Unchecked = Partial<CheckedMessage> & Pick<CheckedMessage, 'id'>;

/** @throws QueueMessageError when the catalogue knows no such queue or message, or the id cannot be one */
export function checked<N extends QueueName>(
  name: N,
  data: QueueData<N>,
  { id, priority = 0, unlessIn }: Unchecked,
): CheckedMessage {
  const parsed = parseQueueData(name, data);
  checkId(id);
  return { data: parsed, id, priority, ...(unlessIn && { unlessIn }) };
}

/** @throws QueueMessageError */
export function checkId(id: string): void {
  if (/^[\w.-]+$/.test(id)) return;
  throw new QueueMessageError(`message id "${id}" is not valid: expected letters, digits, "_", "." and "-"`);
}

/** Puts a message in. One that waits gets the priority, one that ended is replaced, one that is handled stays. */
export async function addMessage(queue: BullQueue, name: QueueName, message: CheckedMessage): Promise<void> {
  if (await reprioritise(queue, message)) return;
  await queue.add(name, message.data, optionsOf(name, message));
}

/** Puts messages in of which the queue has none, in one round trip; one that it has after all stays as it is. */
export async function addMessages(
  queue: BullQueue,
  name: QueueName,
  messages: readonly CheckedMessage[],
): Promise<void> {
  await queue.addBulk(
    messages.map((message) => ({ name, data: message.data, opts: optionsOf(name, message) })),
  );
}

/** Gives the priority to a message that waits, and removes one that has ended. @returns whether it waits or is handled */
export async function reprioritise(queue: BullQueue, { id, priority }: Ranked): Promise<boolean> {
  const state = await withoutEnded(queue, id);
  if (state === undefined) return false;
  const known = WAITING.has(state) ? await queue.getJob(id) : undefined;
  const rank = rankOf(priority);
  if (known !== undefined && known.priority !== rank) await known.changePriority({ priority: rank });
  return true;
}

/** Removes a message that has ended. @returns the state of one that has not; undefined where there is none */
export async function withoutEnded(queue: BullQueue, id: string): Promise<string | undefined> {
  const known = await queue.getJob(id);
  const state = await known?.getState();
  if (state !== 'completed' && state !== 'failed') return state === 'unknown' ? undefined : state;
  // Its children may be in their second generation by now.
  await known?.remove({ removeChildren: false });
  return undefined;
}

/** Whether what a queue has of a message is a living one of its priority. */
export function isThere(
  known: KnownMessage | undefined,
  { priority = 0 }: { readonly priority?: number },
): boolean {
  return known !== undefined && !known.hasEnded && known.rank === rankOf(priority);
}

/** States of messages that nobody handles yet; delayed ones wait for their next try. */
const WAITING: ReadonlySet<string> = new Set(['prioritized', 'waiting', 'delayed']);

/** What BullMQ is told of a message. */
export function optionsOf(name: QueueName, { id, priority = 0 }: Unchecked) {
  const { attempts, backoff } = entryOf(name);
  const keep = { removeOnComplete: KEEP_COMPLETED, removeOnFail: KEEP_FAILED };
  return { jobId: id, attempts, backoff, priority: rankOf(priority), ...keep };
}

/** BullMQ's: 1 is first, and 0 would be before all. */
const rankOf = (priority: number): number => 101 - priority;
