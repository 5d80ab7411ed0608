import { within } from '#runtime';
import {
  addMessage,
  addMessages,
  checked,
  checkId,
  isThere,
  optionsOf,
  reprioritise,
  withoutEnded,
  type CheckedMessage,
} from './add-messages.js';
import type { Backend, BullFlows, BullQueue, KnownMessage } from './backend.js';
import { parseQueueData, QUEUES, type QueueData, type QueueName } from './catalogue.js';
import { Consumer, type ConsumeOptions, type Handler } from './consumer.js';
import { openPostgresBackend } from './postgres-backend.js';
import { openRedisBackend } from './redis-backend.js';

export interface OpenQueue {
  readonly databaseUrl: string;
  /** Redis keeps the messages when given, else the database. */
  readonly redisUrl?: string | undefined;
  /** Hears of errors that belong to no call, such as a lost connection; the queue goes on by itself. */
  readonly onError: (error: Error) => void;
}

export interface EnqueueOptions {
  /** Letters, digits, `_`, `.` and `-`. */
  readonly id: string;
  /** -100..100; messages of a higher one are handled first. */
  readonly priority?: number;
  /** Another queue, in which the same message may be: it stays there then. */
  readonly unlessIn?: QueueName;
}

/** A message with where it goes. */
export type QueuedMessage = {
  [N in QueueName]: EnqueueOptions & { readonly queue: N; readonly data: QueueData<N> };
}[QueueName];

/** How many messages of a queue are in each state; those that were handled well are not counted. */
export interface MessageCounts {
  readonly queue: QueueName;
  /** For a worker. */
  readonly waiting: number;
  /** Being handled. */
  readonly active: number;
  /** For the time of their next try. */
  readonly delayed: number;
  /** Given up, and kept for a look at them. */
  readonly failed: number;
}

const REACH_TIMEOUT_MS = 5000;
const HEALTH_TIMEOUT_MS = 2000;
const CLOSE_TIMEOUT_MS = 5000;

/** Opens the service's queues on Redis or PostgreSQL. @throws the database's error when it cannot be prepared */
export async function openQueue({ databaseUrl, redisUrl, onError }: OpenQueue): Promise<WorkQueue> {
  const backend =
    redisUrl === undefined
      ? await openPostgresBackend(databaseUrl, onError)
      : openRedisBackend(redisUrl, onError);
  return new WorkQueue(backend, onError);
}

/** The queues of the catalogue on one engine. Messages are checked when they go in and when they come out. */
export class WorkQueue {
  private readonly queues = new Map<QueueName, BullQueue>();
  private flows: BullFlows | undefined;
  private readonly consumers: { close(how: { force: boolean }): Promise<void> }[] = [];
  private closed: Promise<void> | undefined;

  constructor(
    private readonly backend: Backend,
    private readonly onError: (error: Error) => void,
  ) {}

  get kind(): Backend['kind'] {
    return this.backend.kind;
  }

  /**
   * Puts a message in. Does nothing while one of the same id is being handled; one that waits gets the priority, one that ended
   * is replaced.
   * @throws QueueMessageError when the catalogue knows no such queue or message, or the id cannot be one
   */
  async enqueue<N extends QueueName>(name: N, data: QueueData<N>, how: EnqueueOptions): Promise<void> {
    await this.put(name, checked(name, data, how));
  }

  /**
   * Does the same for many messages of a queue in a few round trips. One that is refused keeps no other back.
   * @returns what came of each, in their order
   */
  async enqueueAll<N extends QueueName>(
    name: N,
    messages: readonly { readonly data: QueueData<N>; readonly how: EnqueueOptions }[],
  ): Promise<PromiseSettledResult<void>[]> {
    const results = messages.map(({ data, how }) => settled(() => checked(name, data, how)));
    const valid = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const put = await this.putAll(name, valid);
    return results.map((result) => (result.status === 'fulfilled' ? put.shift()! : result));
  }

  /** Ids of those that are not there (in `unlessIn` neither), have ended, or have another priority. */
  async missing(name: QueueName, messages: readonly EnqueueOptions[]): Promise<Set<string>> {
    const known = await this.known(name, messages);
    const lacking = messages.filter(
      (message) => !known.some((queue) => isThere(queue.get(message.id), message)),
    );
    return new Set(lacking.map(({ id }) => id));
  }

  /** Has a message that is put off delivered at once; nothing where it is not, or is gone. */
  async expedite(name: QueueName, id: string): Promise<void> {
    await this.reach(name, async (queue) => {
      const message = await queue.getJob(id);
      if ((await message?.getState()) !== 'delayed') return;
      // Its time may have come meanwhile.
      await message?.promote().catch(async (error: unknown) => {
        if ((await message.getState()) === 'delayed') throw error;
      });
    });
  }

  /** How many messages wait for a worker, without those that are put off. */
  waiting(name: QueueName): Promise<number> {
    return this.reach(name, (queue) => queue.getJobCountByTypes('waiting', 'prioritized'));
  }

  /**
   * Puts messages in, all or none, with one that is delivered once they have ended (well or not). Messages that are there stay as
   * they are. Where the last one waits for no others any more, it is left alone and the others go in by themselves.
   * @throws QueueMessageError as `enqueue`
   */
  async enqueueFlow(last: QueuedMessage, others: readonly QueuedMessage[]): Promise<void> {
    for (const { queue, data, id } of [last, ...others]) {
      parseQueueData(queue, data);
      checkId(id);
    }
    const stateOfLast = await this.reach(last.queue, (queue) => withoutEnded(queue, last.id));
    if (stateOfLast !== undefined && stateOfLast !== 'waiting-children') {
      for (const { queue, data, ...how } of others) await this.enqueue(queue, data, how);
      return;
    }
    const own = await this.inTheirQueues(others);
    const children = own.map((each) => flowNode(each, { ignoreDependencyOnFailure: true }));
    await this.reachFlows((flows) => flows.add({ ...flowNode(last), children }));
  }

  /**
   * Handles the messages of a queue. A handler's error is retried as the catalogue says, unless it is an AppError that
   * no retry helps. @throws QueueMessageError when the catalogue knows no such queue
   */
  async consume<N extends QueueName>(
    name: N,
    handler: Handler<N>,
    options: ConsumeOptions = {},
  ): Promise<Consumer<N>> {
    const consumer = new Consumer(this.backend, name, handler, options, this.onError);
    this.consumers.push(consumer);
    await consumer.ready();
    return consumer;
  }

  /** Counts the messages of every queue. @throws Error when the engine does not answer in time */
  counts(): Promise<MessageCounts[]> {
    const counted = (Object.keys(QUEUES) as QueueName[]).map((name) =>
      this.reach(name, async (queue) => ({ queue: name, ...(await countsOf(queue)) })),
    );
    return Promise.all(counted);
  }

  /** @throws Error when the engine does not answer in time */
  async health(): Promise<void> {
    await within(HEALTH_TIMEOUT_MS, `the queue's ${this.kind}`, this.backend.ping());
  }

  /** Stops consumers, then lets go of all connections, in bounded time also when the engine is away. */
  close(): Promise<void> {
    this.closed ??= this.closeAll();
    return this.closed;
  }

  private async closeAll(): Promise<void> {
    const answers = await this.health().then(
      () => true,
      () => false,
    );
    const closing = this.consumers.map((consumer) => consumer.close({ force: !answers }));
    const consumers = await Promise.allSettled(closing);
    const queues = [...this.queues].map(([name, queue]) =>
      within(CLOSE_TIMEOUT_MS, `closing queue "${name}"`, queue.close()),
    );
    if (this.flows) queues.push(within(CLOSE_TIMEOUT_MS, 'closing the flows', this.flows.close()));
    const closed = [...consumers, ...(await Promise.allSettled(queues))];
    await within(CLOSE_TIMEOUT_MS, `closing the queue's ${this.kind}`, this.backend.close());
    for (const result of closed) if (result.status === 'rejected') this.onError(result.reason as Error);
  }

  private async put(name: QueueName, message: CheckedMessage): Promise<void> {
    const { unlessIn } = message;
    if (unlessIn !== undefined && (await this.reach(unlessIn, (queue) => reprioritise(queue, message))))
      return;
    await this.reach(name, (queue) => addMessage(queue, name, message));
  }

  /** What is new all at once or, when the engine refuses that, one by one: it may be the fault of one of them. */
  private async putAll(
    name: QueueName,
    messages: readonly CheckedMessage[],
  ): Promise<PromiseSettledResult<void>[]> {
    const one = (message: CheckedMessage) => this.put(name, message);
    if (messages.length < 2) return Promise.allSettled(messages.map(one));
    try {
      const known = await this.known(name, messages);
      // Of one message with several priorities the last one counts.
      const last = [...new Map(messages.map((message) => [message.id, message])).values()];
      const isKnown = ({ id }: CheckedMessage) => known.some((queue) => queue.has(id));
      const isNew = last.filter((message) => !isKnown(message));
      if (isNew.length > 0) await this.reach(name, (queue) => addMessages(queue, name, isNew));
      const differ = last.filter(
        (message) => isKnown(message) && !known.some((queue) => isThere(queue.get(message.id), message)),
      );
      await Promise.all(differ.map(one));
      return messages.map(() => ({ status: 'fulfilled', value: undefined }));
    } catch {
      return Promise.allSettled(messages.map(one));
    }
  }

  /** What there is of messages in their queue and, if they may be there, in others. */
  private known(
    name: QueueName,
    messages: readonly EnqueueOptions[],
  ): Promise<ReadonlyMap<string, KnownMessage>[]> {
    const ids = messages.map(({ id }) => id);
    const others = messages.flatMap(({ unlessIn }) => (unlessIn === undefined ? [] : [unlessIn]));
    const names = [...new Set([name, ...others])];
    return Promise.all(names.map((each) => this.reach(each, (queue) => this.backend.known(queue, ids))));
  }

  private async reach<T>(name: QueueName, work: (queue: BullQueue) => Promise<T>): Promise<T> {
    const queue = this.queueOf(name);
    try {
      return await within(REACH_TIMEOUT_MS, `queue "${name}"`, work(queue));
    } catch (error) {
      // BullMQ's queue stays broken when its engine was away while it connected: the next message gets a new one.
      if (this.queues.get(name) === queue) this.queues.delete(name);
      void queue.close().catch(this.onError);
      throw error;
    }
  }

  /** Messages that are to be put in: without those that wait in another queue, and with none that has ended in their way. */
  private async inTheirQueues(messages: readonly QueuedMessage[]): Promise<QueuedMessage[]> {
    const found: QueuedMessage[] = [];
    for (const message of messages) {
      const { queue, id, unlessIn } = message;
      await this.reach(queue, (each) => withoutEnded(each, id));
      const isElsewhere = unlessIn && (await this.reach(unlessIn, (each) => withoutEnded(each, id)));
      if (isElsewhere === undefined) found.push(message);
    }
    return found;
  }

  private async reachFlows(work: (flows: BullFlows) => Promise<unknown>): Promise<void> {
    const flows = (this.flows ??= this.openFlows());
    try {
      await within(REACH_TIMEOUT_MS, 'the flows', work(flows));
    } catch (error) {
      if (this.flows === flows) this.flows = undefined;
      void flows.close().catch(this.onError);
      throw error;
    }
  }

  private openFlows(): BullFlows {
    const flows = this.backend.flows();
    flows.on('error', this.onError);
    return flows;
  }

  private queueOf(name: QueueName): BullQueue {
    const known = this.queues.get(name);
    if (known !== undefined) return known;
    const queue = this.backend.queue(name);
    queue.on('error', this.onError);
    this.queues.set(name, queue);
    return queue;
  }
}

async function countsOf(queue: BullQueue): Promise<Omit<MessageCounts, 'queue'>> {
  const counts = await queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed');
  const { waiting = 0, prioritized = 0, active = 0, delayed = 0, failed = 0 } = counts;
  return { waiting: waiting + prioritized, active, delayed, failed };
}

function flowNode({ queue, data, id, priority }: QueuedMessage, more: object = {}) {
  const opts = { ...optionsOf(queue, { id, priority }), ...more };
  return { name: queue, queueName: queue, data: parseQueueData(queue, data), opts };
}

function settled<T>(work: () => T): PromiseSettledResult<T> {
  try {
    return { status: 'fulfilled', value: work() };
  } catch (reason) {
    return { status: 'rejected', reason };
  }
}
