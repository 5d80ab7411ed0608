import { temporaryFolder } from '#testkit';
import type { Logger } from '#runtime';
import { CellStore, type StoredCell } from './cell-store.js';
import { Outage } from '../outage.js';
import { CellUploads } from './cell-uploads.js';
import type { LeasedTask } from '#contracts';

const TASK = { id: 'task', doneCells: [], cells: [] } as unknown as LeasedTask;
const CELL: StoredCell = {
  samplesMs: [1],
  provenance: {
    ...{ agentVersion: '1', runner: 'test', runnerVersion: '1', threads: 1, batch: 1, runsPerSample: 1 },
    ...{ networkDigest: '0'.repeat(64), emulated: true, clockController: 'recorded' },
    machine: { cpuModel: 'test', cores: 1, platform: 'linux', arch: 'x64' },
    measuredAt: new Date(0).toISOString(),
  },
};

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => void (folder = await temporaryFolder('uploads')));
afterEach(() => folder.remove());

async function afterMicrotasks(count: number, work: () => void): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve();
  work();
}

it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
  'a cell that is added %d microtasks after the one before was sent is sent too',
  async (microtasks) => {
    const sent: number[] = [];
    let adding: Promise<void> | undefined;
    // The last thing that is done for a cell is to log it.
    const info = () => {
      adding ??= afterMicrotasks(microtasks, () => uploads.add(1, CELL));
    };
    const store = new CellStore(folder.path);
    const logger = { info, warn: () => undefined } as unknown as Logger;
    const parts = {
      ...{ store, logger, outage: new Outage(logger) },
      client: { uploadCell: (_: unknown, index: number) => Promise.resolve(void sent.push(index)) },
    };
    const uploads: CellUploads = new CellUploads(parts, TASK, new AbortController().signal);
    uploads.add(0, CELL);
    while (adding === undefined) await Promise.resolve();
    await adding;
    await uploads.finish();
    expect(sent).toEqual([0, 1]);
    expect(store.cellsOf(TASK.id)).toEqual([]);
  },
);
