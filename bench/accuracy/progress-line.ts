import type { PoolState } from './run-pool.js';
import { remainingSeconds } from './remaining-time.js';

const SAY_EVERY_MS = 60_000;

/** One line that says where the list of runs stands. */
export function progressLine(state: PoolState, jobs: number): string {
  const { waiting, underWay, finished, failed } = state;
  const total = waiting.length + underWay.length + finished.length + failed.length;
  const going = underWay.map(({ planned: { method, seed }, progress }) => {
    const epoch = progress ? `epoch ${progress.epoch} of ${progress.epochs}` : 'begins';
    return `${method} seed ${seed} ${epoch}`;
  });
  const seconds = remainingSeconds(state, jobs);
  return [
    `${finished.length} of ${total} runs done${failed.length > 0 ? `, ${failed.length} failed` : ''}`,
    ...(going.length > 0 ? [going.join(', ')] : []),
    ...(underWay.length === 0
      ? []
      : [seconds === undefined ? 'time left unknown' : `${inWords(seconds)} left`]),
  ].join('; ');
}

/** Says a line whenever a run begins or ends, and once a minute between; of one that fails also why. */
export function progressTeller(jobs: number, say: (text: string) => void): (state: PoolState) => void {
  let before = '';
  let next = 0;
  let failures = 0;
  return (state) => {
    for (; failures < state.failed.length; failures++) {
      const { planned, message } = state.failed[failures]!;
      say(`${planned.method} seed ${planned.seed} failed: ${message}`);
    }
    const standing = JSON.stringify([
      state.underWay.map(({ planned }) => [planned.method, planned.seed]),
      state.finished.length,
      state.failed.length,
    ]);
    if (standing === before && performance.now() < next) return;
    before = standing;
    next = performance.now() + SAY_EVERY_MS;
    say(progressLine(state, jobs));
  };
}

function inWords(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
