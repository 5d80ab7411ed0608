import type { NetworkRunner, NetworkToRun, SamplesToTake } from '../measured/network-runner.port.js';
import type { RecordedController } from './recorded-controller.js';
import type { RecordedTable } from './recorded-table.js';
import { seededGenerator, seedOf } from './seeded-generator.js';

/** Draws samples, with replacement, from those recorded for the network's ratio at the controller's point. */
export class RecordedRunner implements NetworkRunner {
  readonly name = 'recorded';
  readonly pid = process.pid;
  private ratio: number | undefined;
  private readonly generators = new Map<string, () => number>();

  constructor(
    private readonly table: RecordedTable,
    private readonly controller: Pick<RecordedController, 'currentPoint'>,
    private readonly seed: number,
  ) {}

  load({ ratio }: NetworkToRun): Promise<{ runnerVersion: string }> {
    this.ratio = ratio;
    return Promise.resolve({ runnerVersion: `seed ${this.seed}` });
  }

  runsLasting(): Promise<number> {
    return Promise.resolve(1);
  }

  async sample({ samples }: SamplesToTake): Promise<number[]> {
    const { ratio, controller } = this;
    if (ratio === undefined) throw new Error('samples were asked for before a network was loaded');
    const recorded = this.table.samplesOf(controller.currentPoint, ratio);
    const next = this.generatorOf(`${controller.currentPoint}/${ratio}`);
    return Promise.resolve(
      Array.from({ length: samples }, () => recorded[Math.floor(next() * recorded.length)]!),
    );
  }

  stop(): Promise<void> {
    this.ratio = undefined;
    return Promise.resolve();
  }

  private generatorOf(cell: string): () => number {
    const generator = this.generators.get(cell) ?? seededGenerator(seedOf(this.seed, cell));
    this.generators.set(cell, generator);
    return generator;
  }
}
