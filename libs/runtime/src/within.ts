/**
 * What `promise` resolves to, unless that takes longer than `ms`. What it does goes on all the same.
 * @param lateError makes the error of that from its message, which names `what`
 * @throws what `promise` rejects with, or the error of being late
 */
export async function within<T>(
  ms: number,
  what: string,
  promise: Promise<T>,
  lateError = (message: string) => new Error(message),
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(lateError(`${what}: no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
