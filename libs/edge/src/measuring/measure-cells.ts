import { firstRemaining, planOrder, referenceCell, type EdgeCell, type MeasurePlan } from './cell-plan.js';
import { fastestPoint } from './fastest-point.js';
import { measureCell, type CellMeasurement } from './measure-cell.js';
import type { MeasuringTools } from './measuring-tools.js';
import { Pace } from './pace.js';
import { driftOf, type ReferenceDrift } from './reference-drift.js';
import { ReferenceWatch } from './reference-watch.js';

/**
 * Measures all cells that are not done yet, one after the other, and yields each as soon as it is finished. A cell comes
 * again where the reference cell shows that the device changed: measured again, or marked with the drift that remains.
 * The caller restores the controller and stops the runner, whatever happens here.
 * @throws ClockError; what the runner throws
 */
export async function* measureCells(
  plan: MeasurePlan,
  tools: MeasuringTools,
): AsyncGenerator<CellMeasurement, void, void> {
  const order = planOrder(plan.operatingPoints, plan.cells, plan.doneCells);
  if (order.length === 0) return;
  yield* new MeasuringLoop(plan, tools, order).run();
  await tools.controller.release();
}

type Measurements = AsyncGenerator<CellMeasurement, void, void>;

/** After a drift the device gets so many times to cool down, and what it affects is measured anew so often. */
const COOL_DOWNS = 3;
const ROUNDS = 2;

class MeasuringLoop {
  private readonly results = new Map<number, CellMeasurement>();
  private readonly reference: EdgeCell;
  private readonly watch: ReferenceWatch;
  private readonly pace: Pace;
  private runs = new Map<number, number>();
  private baseline: CellMeasurement | undefined;

  constructor(
    private readonly plan: MeasurePlan,
    private readonly tools: MeasuringTools,
    private readonly order: readonly EdgeCell[],
  ) {
    this.reference = referenceCell(plan);
    this.watch = new ReferenceWatch(plan.protocol, tools.time.nowMs());
    this.pace = new Pace(tools, plan.protocol.coolDownSeconds);
  }

  async *run(): Measurements {
    this.runs = await this.sizeSamples();
    if (this.watch.isOn) yield* this.measureBaseline();
    for (let cell = this.next(); cell !== undefined; cell = this.next()) {
      const measurement = await this.measure(cell);
      this.watch.measured(cell);
      this.tellUnverified();
      yield measurement;
      if (this.watch.isDue(this.tools.time.nowMs())) yield* this.verify();
    }
    // A device that changed in the last cells is to be found too.
    if (this.watch.isOn && this.watch.unverified.length > 0) yield* this.verify();
  }

  private next(): EdgeCell | undefined {
    const remaining = this.order.filter((cell) => !this.results.has(cell.index));
    if (remaining.length === 0) return undefined;
    return (this.plan.nextCell ?? firstRemaining)({ remaining, measured: [...this.results.values()] });
  }

  /** Measures a cell of the plan. */
  private async measure(cell: EdgeCell): Promise<CellMeasurement> {
    const measurement = await this.measureOutsidePlan(cell);
    this.results.set(cell.index, measurement);
    return measurement;
  }

  private measureOutsidePlan(cell: EdgeCell): Promise<CellMeasurement> {
    const tools = { ...this.tools, pace: this.pace };
    return measureCell(this.plan, cell, this.runs.get(cell.ratio)!, tools);
  }

  /** The reference is a cell of the plan, measured first; where it was done under an earlier lease it is done anew. */
  private async *measureBaseline(): Measurements {
    const isInPlan = this.order.some((cell) => cell.index === this.reference.index);
    this.baseline = isInPlan
      ? await this.measure(this.reference)
      : await this.measureOutsidePlan(this.reference);
    if (isInPlan) yield this.baseline;
  }

  /** Measures the reference again; where it has changed, the cells since it was last unchanged are measured anew. */
  private async *verify(): Measurements {
    let drift = await this.checkReference();
    for (let round = 0; drift.drifted && round < ROUNDS; round++) {
      drift = await this.recover(drift);
      if (drift.drifted) break;
      for (const cell of this.watch.unverified) yield await this.measure(cell);
      drift = await this.checkReference();
    }
    if (drift.drifted) yield* this.markDrift(drift);
    this.watch.verified(this.tools.time.nowMs());
    this.tellUnverified();
  }

  private tellUnverified(): void {
    if (this.watch.isOn) this.plan.onUnverified?.(this.watch.unverified.map(({ index }) => index));
  }

  private *markDrift({ change }: ReferenceDrift): Generator<CellMeasurement, void, void> {
    for (const { index } of this.watch.unverified) {
      const marked = { ...this.results.get(index)!, drift: change };
      this.results.set(index, marked);
      yield marked;
    }
  }

  private async checkReference(): Promise<ReferenceDrift> {
    const again = await this.measureOutsidePlan(this.reference);
    return driftOf(this.baseline!.samplesMs, again.samplesMs, this.plan.protocol.driftLimit);
  }

  /** Leaves the device alone until the reference is as it was, a few times at most; one that was slower gets rests from then on. */
  private async recover(drift: ReferenceDrift): Promise<ReferenceDrift> {
    // A device that heats up within one cell would never be found cool at full pace.
    if (drift.change > 0) this.pace.beCareful();
    let found = drift;
    for (let i = 0; found.drifted && i < COOL_DOWNS; i++) {
      this.plan.onDrift?.(found.change);
      await this.pace.coolDown();
      this.plan.onRested?.();
      found = await this.checkReference();
    }
    return found;
  }

  /**
   * How many runs make a sample is settled once per network, at the fastest clock, so that all operating points time the
   * same work.
   */
  private async sizeSamples(): Promise<Map<number, number>> {
    const { plan, order, reference } = this;
    const { controller, runner } = this.tools;
    const { batch, threads, minSampleMs } = plan.protocol;
    const runs = new Map<number, number>();
    // An emulated clock is never faster than the machine without a limit; a real one has to be set.
    if (!controller.emulated)
      await controller.apply(fastestPoint(plan.operatingPoints), { pid: runner.pid, threads });
    for (const ratio of new Set([reference, ...order].map((cell) => cell.ratio))) {
      await runner.load({ file: plan.fileOf(ratio), ratio, batch, threads });
      runs.set(ratio, await runner.runsLasting(minSampleMs));
    }
    return runs;
  }
}
