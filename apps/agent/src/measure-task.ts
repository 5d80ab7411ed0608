import { join } from 'node:path';
import { AppError, type LeasedTask, type MeasuringProtocol } from '#contracts';
import {
  measureCells,
  openMeasuring,
  realTime,
  type CellMeasurement,
  type ClockController,
  type EmulationChoice,
  type MeasurePlan,
  type NetworkRunner,
  type RecordedChoice,
} from '#edge';
import type { Logger } from '#runtime';
import { cellChoice } from './cell-choice.js';
import type { CellStore } from './cells/cell-store.js';
import { CellUploads } from './cells/cell-uploads.js';
import { UnverifiedCells } from './cells/unverified-cells.js';
import { keepTrying } from './keep-trying.js';
import type { NetworkCache } from './network-cache.js';
import type { Outage } from './outage.js';
import { provenanceOf } from './provenance.js';
import type { ServerClient } from './server-client.js';

export interface MeasuringParts {
  readonly client: ServerClient;
  readonly cache: NetworkCache;
  readonly cells: CellStore;
  readonly logger: Logger;
  readonly outage: Outage;
  readonly realClocks: boolean;
  readonly emulation: EmulationChoice;
  readonly recorded: RecordedChoice | undefined;
  readonly sysfsRoot: string;
  readonly dataDir: string;
  /** In place of the task's. */
  readonly threads: number | undefined;
}

/** Holds the clocks as they were while an agent has them pinned. */
export const clockStateFile = (dataDir: string) => join(dataDir, 'saved-clocks.json');

/**
 * Measures what is left of a task; each cell is kept on disk until the server has it. Clocks and processes are as before
 * when it settles.
 * @param waits told why nothing is measured for now, and without a reason that it is again
 * @throws the signal's reason when aborted; ServerError when the server refuses; ClocksNotRestoredError when the clocks
 * are not as before; any other error is the task's.
 */
export async function measureTask(
  leased: LeasedTask,
  parts: MeasuringParts,
  signal: AbortSignal,
  waits: (reason: string | undefined) => void,
): Promise<void> {
  const { sysfsRoot, dataDir, cells: store, client, logger, outage } = parts;
  const unverified = new UnverifiedCells(store, leased);
  const again = unverified.toMeasureAgain;
  if (again.length > 0)
    logger.info({ task: leased.id, cells: again }, 'unconfirmed cells are measured again');
  const task = unverified.reopenedIn(leased);
  const uploads = new CellUploads({ client, store, logger, outage }, task, signal);
  const kept = uploads.offerKept();
  const doneCells = [...task.doneCells, ...kept.map(({ index }) => index)];
  const nextCell = cellChoice(task, kept, again);
  const files = await downloadNetworks(task, parts, signal);
  const plan = {
    ...planOf({ ...task, doneCells }, files, parts.threads),
    ...(nextCell && { nextCell }),
    onUnverified: (indices: readonly number[]) => unverified.keep(indices),
    onDrift: (change: number) => {
      logger.info({ task: leased.id }, whatDriftMeans(change));
      waits(whatDriftMeans(change));
    },
    onRested: () => waits(undefined),
  };
  const stateFile = clockStateFile(dataDir);
  const { controller, startRunner } = await openMeasuring({
    ...parts,
    stateFile,
    points: task.operatingPoints,
  });
  try {
    await withRunner(startRunner, signal, async (runner) => {
      const tools = { controller, runner, time: realTime(signal), sysfsRoot };
      for await (const measurement of measureCells(plan, tools)) {
        logger.info({ cell: measurement.cell, runsPerSample: measurement.runsPerSample }, 'cell measured');
        uploads.add(measurement.cell.index, toCell(task, plan.protocol, measurement, controller));
      }
    });
  } finally {
    await controller.restore();
  }
  await uploads.finish();
}

/** An agent that waits for its device to calm down says so: it may take minutes. */
function whatDriftMeans(change: number): string {
  const percent = `${Math.abs(change * 100).toFixed(1)} % ${change > 0 ? 'slower' : 'faster'}`;
  return `the reference cell is ${percent} than at first: the device is left alone, then measured again`;
}

/** Runs `work` with a runner that is gone afterwards; an abort ends it in the middle of anything. */
async function withRunner(
  start: () => NetworkRunner,
  signal: AbortSignal,
  work: (runner: NetworkRunner) => Promise<void>,
): Promise<void> {
  signal.throwIfAborted();
  const runner = start();
  const stop = () => void runner.stop();
  signal.addEventListener('abort', stop);
  try {
    await work(runner);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await runner.stop();
  }
}

async function downloadNetworks(
  task: LeasedTask,
  { cache, outage }: MeasuringParts,
  signal: AbortSignal,
): Promise<Map<number, string>> {
  const files = new Map<number, string>();
  for (const { ratio, onnx } of task.subnets) {
    const file = await keepTrying('download a network', () => cache.fileOf(onnx, signal), { signal, outage });
    files.set(ratio, file);
  }
  return files;
}

type Plan = MeasurePlan & { readonly protocol: MeasuringProtocol };

function planOf(task: LeasedTask, files: ReadonlyMap<number, string>, threads: number | undefined): Plan {
  return {
    operatingPoints: task.operatingPoints,
    cells: task.cells,
    doneCells: task.doneCells,
    protocol: { ...task.protocol, threads: threads ?? task.protocol.threads },
    fileOf: (ratio) => {
      const file = files.get(ratio);
      if (file === undefined)
        throw new AppError('measuring_failed', `the task names no network of ratio ${ratio}`);
      return file;
    },
  };
}

function toCell(
  task: LeasedTask,
  protocol: MeasuringProtocol,
  measurement: CellMeasurement,
  controller: ClockController,
) {
  const { ratio } = measurement.cell;
  const networkDigest = task.subnets.find((subnet) => subnet.ratio === ratio)!.onnx.digest;
  const provenance = provenanceOf(measurement, { protocol, controller, networkDigest });
  return { samplesMs: [...measurement.samplesMs], provenance };
}
