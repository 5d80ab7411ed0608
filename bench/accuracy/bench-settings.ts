import type { OwnRunSettings } from './run-settings.js';
import type { PlanContext } from './run-plan.js';
import type { Scale } from './scale.js';

/** What stands in the benchmark's file beside its rows. */
export interface AccuracyBenchSettings
  extends
    Pick<Scale, 'network' | 'ratios' | 'untrainedRatios' | 'options'>,
    Pick<OwnRunSettings, 'engine' | 'cpuClass' | 'code'> {
  readonly dataset: {
    readonly name: string;
    readonly digest: string;
    readonly trainImages: number;
    readonly testImages: number;
  };
  /** Trainings at once. */
  readonly jobs: number;
}

export function benchSettings(
  { scale, data, engine, cpuClass, code }: PlanContext,
  jobs: number,
): AccuracyBenchSettings {
  const { network, ratios, untrainedRatios, trainImages, testImages, options } = scale;
  return {
    ...{ network, ratios, untrainedRatios, options, engine, cpuClass, code, jobs },
    dataset: { name: 'Fashion-MNIST', digest: data.digest, trainImages, testImages },
  };
}
