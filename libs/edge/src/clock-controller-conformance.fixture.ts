import { setTimeout as delay } from 'node:timers/promises';
import { waitUntil } from '#testkit';
import type { ClockController, MeasuredTarget } from './clock-controller.js';
import type { EdgeOperatingPoint } from './operating-point.js';

export interface ControllerHarness {
  readonly controller: ClockController;
  readonly target: MeasuredTarget;
  readonly points: readonly [EdgeOperatingPoint, EdgeOperatingPoint];
  readonly unknown: EdgeOperatingPoint;
  /** What must be as before once everything is put back: clocks. */
  state(): Promise<unknown>;
  /** What a controller may have made for its work and must not leave behind: files, processes, control groups. */
  leftovers(): Promise<readonly unknown[]>;
  /** What must never change: whatever lies beside the tree that the controller was given. */
  surroundings(): Promise<unknown>;
  /** Ends the target where there is one of the test's own, as agents do before they restore. */
  endTarget(): Promise<void>;
  close(): Promise<void>;
}

/** Of a controller that takes CPU time. */
export interface EmulatingHarness extends ControllerHarness {
  /** Whether the target is kept from running now. */
  readonly isHeldBack: () => Promise<boolean>;
}

/** What every clock controller promises. */
export function clockControllerConformance(name: string, open: () => Promise<ControllerHarness>): void {
  describe(`${name} as a clock controller`, () => {
    let harness: ControllerHarness;
    let before: unknown[];
    const restore = async () => {
      await harness.endTarget();
      await harness.controller.restore();
      expect(await harness.leftovers()).toEqual([]);
    };
    const everything = () => Promise.all([harness.state(), harness.surroundings()]);
    beforeEach(async () => {
      harness = await open();
      before = await everything();
    });
    afterEach(() => harness.close());

    it('reads back what it applied, point by point', async () => {
      const { controller, target, points } = harness;
      for (const point of points) {
        const applied = await controller.apply(point, target);
        expect(await controller.readBack()).toEqual(applied);
        for (const [field, requested] of [
          ['clockReadBackHz', point.cpuHz],
          ['gpuReadBackHz', point.gpuHz],
          ['memReadBackHz', point.memHz],
        ] as const) {
          if (!controller.emulated) expect(applied[field]).toBe(requested);
        }
        if (applied.requestedCpuShare !== undefined)
          expect(applied.requestedCpuShare).toBe(point.emulatedCpuShare);
        expect(await harness.surroundings()).toEqual(before[1]);
      }
      await restore();
    });

    it('restores, and does no harm when it restores again', async () => {
      const { controller, target, points } = harness;
      for (const point of points) await controller.apply(point, target);
      await controller.release();
      await restore();
      expect(await everything()).toEqual(before);
      await restore();
      expect(await everything()).toEqual(before);
    });

    it('restores without anything applied', async () => {
      await restore();
      expect(await everything()).toEqual(before);
    });

    it('refuses a point that it cannot set, by name, and restores after that', async () => {
      const { controller, target, points, unknown } = harness;
      await controller.apply(points[0], target);
      await expect(controller.apply(unknown, target)).rejects.toThrow(`"${unknown.name}"`);
      await restore();
      expect(await everything()).toEqual(before);
    });
  });
}

/** A duty cycle that goes on shows within some of its periods. */
const LOOKS = 60;
const BETWEEN_LOOKS_MS = 2;

async function neverHeldBack(isHeldBack: EmulatingHarness['isHeldBack']): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    expect(await isHeldBack()).toBe(false);
    await delay(BETWEEN_LOOKS_MS);
  }
}

/** What every controller promises besides that takes CPU time. */
export function emulatedClockConformance(name: string, open: () => Promise<EmulatingHarness>): void {
  clockControllerConformance(name, open);
  it(`${name} holds the target back at the slower point alone, and no more once it is released`, async () => {
    const { controller, target, points, isHeldBack, ...harness } = await open();
    try {
      await neverHeldBack(isHeldBack);
      await controller.apply(points[0], target);
      await waitUntil('the target is held back', isHeldBack);
      await controller.apply(points[1], target);
      await neverHeldBack(isHeldBack);
      await controller.apply(points[0], target);
      await waitUntil('the target is held back again', isHeldBack);
      await controller.release();
      await neverHeldBack(isHeldBack);
    } finally {
      await harness.endTarget();
      await controller.restore();
      await harness.close();
    }
  });
}
