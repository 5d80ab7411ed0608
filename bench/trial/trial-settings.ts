import type { OwnMethod } from '../accuracy/accuracy-run.js';
import { settingsOf, type RunContext } from '../accuracy/run-context.js';
import type { OwnRunSettings } from '../accuracy/run-settings.js';
import { FULL_SCALE } from '../accuracy/scale.js';
import { changedOptions } from './check-options.js';

/** Training images that no training of this benchmark or of `accuracy` sees. */
const HELD_OUT_FROM = FULL_SCALE.trainImages;
const HELD_OUT = 10_000;

/** What a trial changes of what `accuracy` runs. */
export interface TrialChanges {
  readonly method: OwnMethod;
  /** Training options, not checked yet. */
  readonly set?: Readonly<Record<string, unknown>>;
  readonly trainImages?: number;
  /** Ascending, in [0, 1). */
  readonly ratios?: readonly number[];
  /** Whether the test images are few. */
  readonly quick: boolean;
}

/**
 * Settings of a trial's runs, whose test images are held out of the training images.
 * @throws RangeError naming every option that cannot be set so
 */
export function trialSettings(context: RunContext, changes: TrialChanges): OwnRunSettings {
  const { scale } = context;
  const { method, set = {}, trainImages = scale.trainImages, ratios = scale.ratios, quick } = changes;
  const untrainedRatios = scale.untrainedRatios.filter((ratio) => isBetween(ratio, ratios));
  const own = settingsOf({ ...context, scale: { ...scale, trainImages, ratios, untrainedRatios } }, method);
  const testImages = quick ? scale.testImages : HELD_OUT;
  return {
    ...own,
    dataset: { ...own.dataset, heldOutFrom: HELD_OUT_FROM, testImages },
    options: changedOptions(method, own.options, set),
  };
}

/** Whether nothing trains it while smaller and larger ones are trained. */
const isBetween = (ratio: number, trained: readonly number[]): boolean =>
  !trained.includes(ratio) && ratio > trained[0]! && ratio < trained.at(-1)!;
