import { AsyncLocalStorage } from 'node:async_hooks';

/** What every line has that is logged while a request is answered or a message is handled. */
export type LogFields = Readonly<Record<string, string | number | undefined>>;

const current = new AsyncLocalStorage<Record<string, string | number | undefined>>();

/** Runs `work`; its lines, and those of all that it starts, have these fields beside those of whoever called. */
export function withLogFields<T>(fields: LogFields, work: () => T): T {
  return current.run({ ...current.getStore(), ...fields }, work);
}

/** Adds what became known on the way, such as the attempt of a job; without effect outside of `withLogFields`. */
export function addLogFields(fields: LogFields): void {
  Object.assign(current.getStore() ?? {}, fields);
}

/** The fields of the work that is going on. */
export function currentLogFields(): LogFields {
  return current.getStore() ?? {};
}

/** The id of the request that is being answered, as its lines have it. */
export function currentRequestId(): string | undefined {
  const { requestId } = currentLogFields();
  return requestId === undefined ? undefined : String(requestId);
}
