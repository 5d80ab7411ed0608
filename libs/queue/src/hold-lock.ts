export interface HoldLock {
  /** Resolves with whether the lock is still held; rejects where the engine does not answer. */
  readonly extend: () => Promise<boolean>;
  readonly everyMs: number;
  /** Told once, and never after the lock was let go. */
  readonly onLost: () => void;
  readonly onError: (error: Error) => void;
}

/**
 * Renews the lock of one delivery of a message until it is lost or let go. BullMQ's own renewal knows locks by their messages: it
 * takes the lock of a message that came again for that of the delivery before, and lets it go with that.
 * @returns what lets it go
 */
export function holdLock({ extend, everyMs, onLost, onError }: HoldLock): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isHeld = true;
  const renew = async () => {
    try {
      const isStillHeld = await extend();
      if (!isHeld) return;
      if (!isStillHeld) return onLost();
    } catch (error) {
      onError(error as Error);
    }
    if (isHeld) wait();
  };
  const wait = () => {
    timer = setTimeout(() => void renew(), everyMs);
  };
  wait();
  return () => {
    isHeld = false;
    clearTimeout(timer);
  };
}
