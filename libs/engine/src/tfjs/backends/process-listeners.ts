const EVENTS = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * Takes off what starting something adds to the process: Emscripten's code rethrows errors that the process would have
 * handled its own way.
 */
export async function keepingListeners<T>(start: () => Promise<T>): Promise<T> {
  const before = new Map(EVENTS.map((event) => [event, new Set(process.rawListeners(event))]));
  try {
    return await start();
  } finally {
    for (const [event, known] of before) {
      const added = process.rawListeners(event).filter((listener) => !known.has(listener));
      for (const listener of added) process.off(event, listener as () => void);
    }
  }
}
