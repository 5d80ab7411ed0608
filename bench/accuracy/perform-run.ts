import type { AccuracyRun, RunProgress } from './accuracy-run.js';
import type { RunOrder } from './run-settings.js';

/**
 * Trains what an order says and evaluates every ratio on the test images.
 * @throws Error when the method is not there yet.
 */
export function performRun(
  order: RunOrder,
  _onProgress: (progress: RunProgress) => void,
): Promise<AccuracyRun> {
  return Promise.reject(new Error(`the accuracy benchmark cannot train "${order.method}" yet`));
}
