const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 15_000;

/**
 * The pause in milliseconds after so many failures, one or more: they double, with some chance in them so that a fleet does not
 * come back as one.
 */
export function backOffMs(failures: number): number {
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
  return pauseMs * (0.5 + Math.random() / 2);
}
