import { temporaryFolder } from '#testkit';
import type { LeasedTask } from '#contracts';
import { cellChoice } from '../cell-choice.js';
import { CellStore, type StoredCell } from './cell-store.js';
import { UnverifiedCells } from './unverified-cells.js';

const CELLS = [0, 1, 2, 3].map((index) => ({ index, operatingPoint: 'max', ratio: index / 5 }));
const medians = [0, 1, 2].map((index) => ({ index, p50Ms: 10 - index, p50LowMs: 9, p50HighMs: 11 }));
const TASK = {
  ...{ id: 'task', cells: CELLS, doneCells: [0, 1, 2], doneMedians: medians },
  operatingPoints: [{ name: 'max', cpuHz: 2e9 }],
  selection: { kind: 'adaptive', target: { kind: 'fastest-at-ratio', ratio: 0 }, tolerance: 0.05 },
} as unknown as LeasedTask;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let store: CellStore;
beforeEach(async () => {
  folder = await temporaryFolder('unverified');
  store = new CellStore(folder.path);
});
afterEach(() => folder.remove());

/** As an agent that starts finds them. */
const afterRestart = () => new UnverifiedCells(store, TASK);

describe('cells that the reference has not confirmed', () => {
  it('are not done for an agent that starts, and their samples on disk are dropped', () => {
    afterRestart().keep([1, 3]);
    for (const index of [2, 3]) store.save(TASK.id, index, {} as StoredCell);
    const task = afterRestart().reopenedIn(TASK);
    expect(task.doneCells).toEqual([0, 2]);
    expect(task.doneMedians.map(({ index }) => index)).toEqual([0, 2]);
    expect(store.cellsOf(TASK.id)).toEqual([2]);
  });

  it('stay so over a second restart until each was measured again and confirmed', () => {
    afterRestart().keep([1, 2, 3]);
    const second = afterRestart();
    second.keep([2]);
    expect(afterRestart().toMeasureAgain.sort()).toEqual([1, 2, 3]);
    second.keep([]);
    expect(afterRestart().toMeasureAgain.sort()).toEqual([1, 3]);
    second.keep([1, 3]);
    second.keep([]);
    expect(afterRestart().toMeasureAgain).toEqual([]);
  });

  it('end with their task', () => {
    afterRestart().keep([1]);
    store.removeTask(TASK.id);
    expect(afterRestart().toMeasureAgain).toEqual([]);
  });

  it('are measured before what an adaptive selection chooses', () => {
    const choose = cellChoice(TASK, [], [2])!;
    const without = cellChoice(TASK, [], [])!;
    const remaining = CELLS.slice(1);
    expect(without({ remaining, measured: [] })?.index).not.toBe(2);
    expect(choose({ remaining, measured: [] })?.index).toBe(2);
    const others = remaining.filter(({ index }) => index !== 2);
    expect(choose({ remaining: others, measured: [] })).toEqual(without({ remaining: others, measured: [] }));
  });

  it('are all that were measured when the list is damaged', () => {
    store.saveUnverified(TASK.id, [-1]);
    store.save(TASK.id, 3, {} as StoredCell);
    expect(afterRestart().toMeasureAgain).toEqual([0, 1, 2, 3]);
    expect(store.cellsOf(TASK.id)).toEqual([]);
  });
});
