import type { LeasedTask } from '#contracts';
import type { Logger } from '#runtime';
import { keepTrying } from '../keep-trying.js';
import type { Outage } from '../outage.js';
import type { ServerClient } from '../server-client.js';
import type { CellStore, StoredCell } from './cell-store.js';

export interface CellUploadsParts {
  readonly client: Pick<ServerClient, 'uploadCell'>;
  readonly store: CellStore;
  readonly logger: Logger;
  readonly outage: Outage;
}

/**
 * Brings a task's measured cells to the server while measuring goes on. A cell is on disk before it is sent and until
 * the server has it; a network that is away only delays it.
 */
export class CellUploads {
  private readonly waiting = new Set<number>();
  private sending: Promise<void> | undefined;
  private failure: { readonly error: unknown } | undefined;

  constructor(
    private readonly parts: CellUploadsParts,
    private readonly task: LeasedTask,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Offers the cells that were measured under an earlier lease of this task and never arrived.
   * @returns them, with their indices: they need no second measurement.
   */
  offerKept(): { index: number; cell: StoredCell }[] {
    const { store, logger } = this.parts;
    const { id, doneCells, cells } = this.task;
    const kept = store.cellsOf(id).flatMap((index) => {
      const isWanted = !doneCells.includes(index) && cells.some((cell) => cell.index === index);
      const cell = isWanted ? store.read(id, index) : undefined;
      if (cell !== undefined) return [{ index, cell }];
      logger.warn(
        { task: id, cell: index },
        'a kept cell is dropped: the server has it, or it cannot be read',
      );
      store.remove(id, index);
      return [];
    });
    const indices = kept.map(({ index }) => index);
    if (kept.length > 0) logger.info({ task: id, cells: indices }, 'cells that were kept are offered');
    for (const index of indices) this.waiting.add(index);
    this.start();
    return kept;
  }

  /** Keeps a cell and has it sent. @throws the error with which the server refused an earlier one */
  add(index: number, cell: StoredCell): void {
    this.parts.store.save(this.task.id, index, cell);
    this.waiting.add(index);
    this.start();
    if (this.failure) throw this.failure.error;
  }

  /** Resolves when the server has every cell. @throws the error with which it refused one, or the signal's reason */
  async finish(): Promise<void> {
    while (this.sending) await this.sending;
    if (this.failure) throw this.failure.error;
  }

  private start(): void {
    if (this.failure) return;
    this.sending ??= this.sendAll()
      .catch((error: unknown) => void (this.failure = { error }))
      .finally(() => {
        this.sending = undefined;
        // One may have been added after the last was sent and before this.
        if (this.waiting.size > 0) this.start();
      });
  }

  private async sendAll(): Promise<void> {
    for (const index of this.waiting) {
      this.waiting.delete(index);
      await this.send(index);
    }
  }

  private async send(index: number): Promise<void> {
    const { client, store, logger, outage } = this.parts;
    const { task, signal } = this;
    const cell = store.read(task.id, index);
    if (cell === undefined)
      throw new Error(`cell ${index} of task ${task.id} is gone from the agent's data directory`);
    await keepTrying('upload a cell', () => client.uploadCell(task, index, cell, signal), { signal, outage });
    // Measured anew meanwhile, it is to be sent once more.
    if (!this.waiting.has(index)) store.remove(task.id, index);
    logger.info({ task: task.id, cell: index }, 'cell uploaded');
  }
}
