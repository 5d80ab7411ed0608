/** Turns what a synchronous step returns or throws into a promise: for interfaces that are asynchronous. */
export function settle<T>(step: () => T): Promise<T> {
  return new Promise((resolve) => resolve(step()));
}
