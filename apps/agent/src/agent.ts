import { AppError, type LeasedTask } from '#contracts';
import { ClocksNotRestoredError } from '#edge';
import { isochronVersion } from '#runtime';
import { holdLease } from './hold-lease.js';
import { keepTrying } from './keep-trying.js';
import { measureTask, type MeasuringParts } from './measure-task.js';
import { isLeaseLost } from './server-error.js';

export interface AgentParts extends MeasuringParts {
  readonly device: string;
  readonly name: string;
  /** End after one task. */
  readonly once: boolean;
  /** Called once, when the server has answered for the first time. */
  readonly onReady: () => void;
}

type Outcome = 'completed' | 'failed' | 'lost';

/** The server holds a request for a task this long; shorter than what proxies allow. */
const WAIT_SECONDS = 20;
/** The contract's limit. */
const MESSAGE_LENGTH = 2000;

/**
 * Leases one task after the other and measures it, until aborted.
 * @returns the outcome of the one task with `once`.
 * @throws the signal's reason when aborted; ServerError when the server refuses the agent (an unknown device, say);
 * ClocksNotRestoredError when the clocks could not be put back: its task is for the next start to go on with.
 */
export async function runAgent(parts: AgentParts, signal: AbortSignal): Promise<Outcome> {
  const { client, device, name, logger, outage, once, onReady } = parts;
  const agent = { name, version: isochronVersion() };
  // Only the first request does not wait: its answer tells that the server is there.
  for (let waitSeconds = 0; ; waitSeconds = WAIT_SECONDS) {
    const request = { deviceId: device, agent, waitSeconds };
    const task = await keepTrying('lease a task', () => client.lease(request, signal), { signal, outage });
    if (waitSeconds === 0) onReady();
    if (task === undefined) continue;
    const outcome = await perform(task, parts, signal);
    logger.info({ task: task.id, outcome }, 'task ended');
    if (once && outcome !== 'lost') return outcome;
  }
}

async function perform(task: LeasedTask, parts: AgentParts, stopping: AbortSignal): Promise<Outcome> {
  const { client, logger, outage } = parts;
  dropCellsOfOthers(task, parts);
  logger.info({ task: task.id, cells: task.cells.length, done: task.doneCells.length }, 'task leased');
  const lease = holdLease(client, task, outage);
  const signal = AbortSignal.any([stopping, lease.lost]);
  try {
    await measureTask(task, parts, signal, (reason) => lease.waits(reason));
    await keepTrying('complete the task', () => client.complete(task, signal), { signal, outage });
    parts.cells.removeTask(task.id);
    return 'completed';
  } catch (error) {
    if (error instanceof ClocksNotRestoredError) throw error;
    stopping.throwIfAborted();
    if (isLeaseLost(error)) {
      logger.warn(
        { task: task.id, err: error },
        'the lease was lost; the task is dropped, its cells are kept in case it comes back',
      );
      return 'lost';
    }
    return await report(task, error, parts, signal);
  } finally {
    lease.release();
  }
}

/** Cells are kept for the case that their task is leased again: with another one leased, it was measured elsewhere. */
function dropCellsOfOthers(task: LeasedTask, { cells, logger }: AgentParts): void {
  for (const other of cells.tasks().filter((id) => id !== task.id)) {
    logger.warn(
      { task: other, cells: cells.cellsOf(other) },
      'cells of a task that this agent lost are dropped',
    );
    cells.removeTask(other);
  }
}

/** Tells the server why the task could not be measured. */
async function report(
  task: LeasedTask,
  error: unknown,
  { client, logger, outage, cells }: AgentParts,
  signal: AbortSignal,
): Promise<Outcome> {
  logger.error({ task: task.id, err: error }, 'the task could not be measured');
  const code = error instanceof AppError ? error.code : 'measuring_failed';
  const message = (error instanceof Error ? error.message : String(error)).slice(0, MESSAGE_LENGTH);
  try {
    await keepTrying('report the failure', () => client.fail(task, { code, message }, signal), {
      signal,
      outage,
    });
    cells.removeTask(task.id);
    return 'failed';
  } catch (refusal) {
    if (isLeaseLost(refusal)) return 'lost';
    throw refusal;
  }
}
