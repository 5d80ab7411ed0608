import { temporaryFolder } from '#testkit';
import type { AccuracyMethod, AccuracyRun, RunProgress } from './accuracy-run.js';
import { madeUpRun } from './accuracy-runs.fixture.js';
import { progressLine } from './progress-line.js';
import { remainingSeconds } from './remaining-time.js';
import { performAll, type PlannedRun, type PoolState } from './run-pool.js';
import { RunFailedError } from './run-process.js';
import { RunStore } from './run-store.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let store: RunStore;
beforeEach(async () => {
  folder = await temporaryFolder();
  store = new RunStore(folder.path, () => {});
});
afterEach(() => folder.remove());

function planned(
  method: AccuracyMethod,
  seed: number,
  perform: (tell: (progress: RunProgress) => void) => Promise<AccuracyRun> = () =>
    Promise.resolve(madeUpRun(method, seed, [90, 80])),
): PlannedRun {
  return { method, seed, settings: {}, plannedMacs: 1e9, perform };
}

describe('a list of runs', () => {
  it('is performed in its order, as many at once as asked for', async () => {
    const began: number[] = [];
    let most = 0;
    let now = 0;
    const runs = [1, 2, 3, 4, 5].map((seed) =>
      planned('all-in-one', seed, async () => {
        began.push(seed);
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now--;
        return madeUpRun('all-in-one', seed, [90, 80]);
      }),
    );
    const { finished, waiting, underWay } = await performAll(runs, { store, jobs: 2 });
    expect(began).toEqual([1, 2, 3, 4, 5]);
    expect(most).toBe(2);
    expect([finished.length, waiting.length, underWay.length]).toEqual([5, 0, 0]);
  });

  it('takes up where an interrupted one was', async () => {
    const runs = [1, 2].map((seed) => planned('all-in-one', seed));
    await performAll(runs.slice(0, 1), { store, jobs: 1 });
    let performed = 0;
    const again = () => {
      performed++;
      return Promise.resolve(madeUpRun('all-in-one', 2, [90, 80]));
    };
    const states: PoolState[] = [];
    const list = runs.map((run) => ({ ...run, perform: again }));
    const { finished } = await performAll(list, { store, jobs: 1, onChange: (state) => states.push(state) });
    expect(performed).toBe(1);
    expect(finished.map(({ run }) => run.seed)).toEqual([1, 2]);
    expect(progressLine(states[0]!, 1)).toBe('1 of 2 runs done');
  });

  it('goes on without a run that fails', async () => {
    const fail = () => Promise.reject(new RunFailedError('it diverged'));
    const runs = [planned('independent', 1, fail), planned('independent', 2)];
    const { finished, failed } = await performAll(runs, { store, jobs: 1 });
    expect(failed).toEqual([{ planned: runs[0], message: 'it diverged' }]);
    expect(finished).toHaveLength(1);
  });
});

describe('the time that is left', () => {
  const [short, long] = [planned('all-in-one', 1), { ...planned('all-in-one', 2), plannedMacs: 3e9 }];
  const peer = planned('pytorch-usnet', 1);
  const none: PoolState = { waiting: [], underWay: [], finished: [], failed: [] };
  const done = (run: PlannedRun, seconds: number) => ({
    planned: run,
    run: madeUpRun(run.method, run.seed, [90, 80], { seconds }),
  });
  const going = (run: PlannedRun, seconds: number, fraction: number) => ({
    planned: run,
    seconds,
    progress: { epoch: 1, epochs: 2, fraction },
  });

  it('is unknown before a run has told anything, and none when all are done', () => {
    expect(remainingSeconds({ ...none, waiting: [short] }, 1)).toBeUndefined();
    expect(remainingSeconds({ ...none, finished: [done(short, 5)] }, 1)).toBe(0);
  });

  it('weighs what was measured by planned MACs', () => {
    const state = { ...none, finished: [done(short, 100)], waiting: [long, short] };
    expect(remainingSeconds(state, 1)).toBeCloseTo(400);
    // The longest run is no shorter for all the processes.
    expect(remainingSeconds(state, 4)).toBeCloseTo(300);
  });

  it('takes what runs under way have done so far', () => {
    const state = { ...none, underWay: [going(long, 60, 0.2)], waiting: [short] };
    expect(remainingSeconds(state, 1)).toBeCloseTo(240 + 100);
  });

  it("keeps other code's pace apart where it is known", () => {
    const state = { ...none, finished: [done(short, 100), done(peer, 900)], waiting: [peer] };
    expect(remainingSeconds(state, 1)).toBeCloseTo(900);
  });

  it('stands in the line with what runs', () => {
    const state = {
      ...none,
      finished: [done(short, 3600)],
      underWay: [going(long, 0, 0)],
      failed: [{ planned: peer, message: '' }],
    };
    expect(progressLine(state, 1)).toBe(
      '1 of 3 runs done, 1 failed; all-in-one seed 2 epoch 1 of 2; 3 h 0 min left',
    );
  });
});
