import type { JobProgress, Method } from '#contracts';
import { roundedFraction, type WorkShare } from '#pruning';
import { toTenths } from './progress-reporter.js';
import type { TrainingListener } from './train-resumably.js';

/** Which part of a stage's work one training is. */
export interface ProgressShare extends WorkShare {
  /** Named where it is not the job's own. */
  readonly method?: Method;
}

/** A listener that hears of a part of a stage as that part, with the time that is left for the whole. */
export function shareOf(listener: TrainingListener, part: ProgressShare): TrainingListener {
  const { begin, share, method } = part;
  const ofWhole = (progress: JobProgress): JobProgress => {
    const fraction = roundedFraction(begin + share * progress.fraction);
    const left = share * (1 - progress.fraction);
    const { etaSeconds, ...others } = progress;
    return {
      ...others,
      ...(method && { method }),
      fraction,
      // All of the work goes as fast as what is left of this part; where nothing is left, nothing tells how fast.
      ...(etaSeconds !== undefined &&
        left > 0 && {
          etaSeconds: toTenths((etaSeconds * (1 - fraction)) / left),
        }),
    };
  };
  return {
    onProgress: (progress) => listener.onProgress(ofWhole(progress)),
    onResumed: (progress) => listener.onResumed(ofWhole(progress)),
    onLog: (log) => listener.onLog(log),
    onMetrics: (batch) => listener.onMetrics(batch),
    onCheckpoint: (files, progress) => listener.onCheckpoint(files, ofWhole(progress)),
  };
}
