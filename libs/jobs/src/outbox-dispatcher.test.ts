import { aJobRequest, aJobWorld, waitUntil } from '#testkit';
import { OutboxDispatcher } from './outbox-dispatcher.js';

function dispatchingWorld(pollMs = 60_000) {
  const world = aJobWorld();
  const errors: unknown[] = [];
  const { store, queue } = world;
  const onError = (error: unknown) => errors.push(error);
  const dispatcher = new OutboxDispatcher({ outbox: store, wakeups: store, queue, onError, pollMs });
  const submit = async () =>
    (await world.service.submit(world.actor, aJobRequest({ datasetId: world.dataset.id }))).id;
  const sentIds = () => queue.messages.map((message) => message.jobId);
  return { ...world, dispatcher, submit, sentIds, errors };
}

describe('the outbox dispatcher', () => {
  it('sends what is pending in order, once', async () => {
    const { dispatcher, submit, sentIds } = dispatchingWorld();
    const ids = [await submit(), await submit()];
    await dispatcher.dispatchPending();
    await dispatcher.dispatchPending();
    expect(sentIds()).toEqual(ids);
  });

  it('sends more than it reads at a time', async () => {
    const { dispatcher, submit, sentIds } = dispatchingWorld();
    for (let i = 0; i < 230; i++) await submit();
    await dispatcher.dispatchPending();
    expect(new Set(sentIds()).size).toBe(230);
  });

  it('sends again what a crash kept from being marked', async () => {
    const { dispatcher, submit, sentIds, store } = dispatchingWorld();
    const id = await submit();
    const markSent = store.markSent.bind(store);
    store.markSent = () => Promise.reject(new Error('crashed'));
    await expect(dispatcher.dispatchPending()).rejects.toThrow('crashed');
    store.markSent = markSent;
    await dispatcher.dispatchPending();
    expect(sentIds()).toEqual([id, id]);
  });

  it('keeps a message that the queue refuses, and sends those behind it', async () => {
    const { dispatcher, submit, sentIds, queue, store } = dispatchingWorld();
    const [refused, other] = [await submit(), await submit()];
    queue.refuses = (message) => message.jobId === refused;
    await expect(dispatcher.dispatchPending()).rejects.toThrow('does not answer');
    expect(sentIds()).toEqual([other]);
    expect(await store.pending(9)).toHaveLength(1);
  });

  it('sends a new message as soon as it is told, and stops', async () => {
    const { dispatcher, submit, sentIds } = dispatchingWorld();
    dispatcher.start();
    const id = await submit();
    await waitUntil('the message is sent', () => sentIds().includes(id));
    await dispatcher.stop();
    await submit();
    expect(sentIds()).toEqual([id]);
  });

  it('reports an error and goes on until the queue is back', async () => {
    const { dispatcher, submit, sentIds, queue, errors } = dispatchingWorld(5);
    queue.refuses = () => true;
    const id = await submit();
    dispatcher.start();
    await waitUntil('the error is reported', () => errors.length > 1);
    queue.refuses = () => false;
    await waitUntil('the message is sent', () => sentIds().includes(id));
    await dispatcher.stop();
  });
});
