import { join } from 'node:path';
import { AppError, type LeasedTask, type MeasuringProtocol } from '#contracts';
import {
  MeasuredProcess,
  measureCells,
  openClockController,
  type ClockController,
  type EmulationChoice,
  type MeasurePlan,
} from '#edge';
import type { Logger } from '#runtime';
import { keepTrying } from './keep-trying.js';
import type { NetworkCache } from './network-cache.js';
import { provenanceOf } from './provenance.js';
import type { ServerClient } from './server-client.js';

export interface MeasuringParts {
  readonly client: ServerClient;
  readonly cache: NetworkCache;
  readonly logger: Logger;
  readonly realClocks: boolean;
  readonly emulation: EmulationChoice;
  readonly dataDir: string;
  /** In place of the task's. */
  readonly threads: number | undefined;
}

/** Holds the clocks as they were while an agent has them pinned. */
export const clockStateFile = (dataDir: string) => join(dataDir, 'saved-clocks.json');

/**
 * Measures what is left of a task and uploads each cell as it is done. Clocks and processes are as before when it settles.
 * @throws the signal's reason when aborted; ServerError when the server refuses; any other error is the task's.
 */
export async function measureTask(
  task: LeasedTask,
  parts: MeasuringParts,
  signal: AbortSignal,
): Promise<void> {
  const files = await downloadNetworks(task, parts, signal);
  const plan = planOf(task, files, parts.threads);
  const { realClocks, emulation, dataDir } = parts;
  const controller = await openClockController({ realClocks, emulation, stateFile: clockStateFile(dataDir) });
  try {
    await withMeasuredProcess(signal, async (measured) => {
      for await (const measurement of measureCells(plan, controller, measured)) {
        const provenance = provenanceOf(
          measurement,
          conditions(task, plan.protocol, measurement.cell, controller),
        );
        const { index } = measurement.cell;
        const cell = { samplesMs: [...measurement.samplesMs], provenance };
        await keepTrying('upload a cell', () => parts.client.uploadCell(task, index, cell, signal), {
          signal,
          logger: parts.logger,
        });
        parts.logger.info(
          { cell: measurement.cell, runsPerSample: measurement.runsPerSample },
          'cell uploaded',
        );
      }
    });
  } finally {
    await controller.restore();
  }
}

/** Runs `work` with a measured process that is gone afterwards; an abort ends it in the middle of anything. */
async function withMeasuredProcess(
  signal: AbortSignal,
  work: (measured: MeasuredProcess) => Promise<void>,
): Promise<void> {
  signal.throwIfAborted();
  const measured = MeasuredProcess.start();
  const stop = () => void measured.stop();
  signal.addEventListener('abort', stop);
  try {
    await work(measured);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await measured.stop();
  }
}

async function downloadNetworks(
  task: LeasedTask,
  { cache, logger }: MeasuringParts,
  signal: AbortSignal,
): Promise<Map<number, string>> {
  const files = new Map<number, string>();
  for (const { ratio, onnx } of task.subnets) {
    const file = await keepTrying('download a network', () => cache.fileOf(onnx, signal), { signal, logger });
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

function conditions(
  task: LeasedTask,
  protocol: MeasuringProtocol,
  cell: { operatingPoint: string; ratio: number },
  controller: ClockController,
) {
  return {
    protocol,
    controller,
    networkDigest: task.subnets.find((subnet) => subnet.ratio === cell.ratio)!.onnx.digest,
    point: task.operatingPoints.find((point) => point.name === cell.operatingPoint)!,
  };
}
