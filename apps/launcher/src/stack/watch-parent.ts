const POLL_MS = 1_000;

/**
 * Calls `onDeath` when the process that started this one has ended: npm killed its shell, say, which passes no signal
 * on. Nobody tells an orphan, but its parent's process id changes.
 */
export function watchParent(onDeath: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onDeath();
  }, POLL_MS).unref();
}
