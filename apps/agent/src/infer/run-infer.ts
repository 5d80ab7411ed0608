import { setTimeout as delay } from 'node:timers/promises';
import type { Streams } from '../streams.js';
import { openImages } from './image-source.js';
import type { InferOptions } from './infer-command.js';
import { LatencyGroups } from './latency-groups.js';
import { jsonReport, textReport } from './report.js';
import { ServedFolder, type ServeOptions } from './served-folder.js';
import { Troubles } from './troubles.js';

const USUAL_COUNT = 10;
/** Between looks whether `pull` has changed the folder. */
const LOOK_MS = 1000;

/**
 * Runs images through the model in a folder, tells of every run and switch, and sums up at the end, also when it is aborted.
 * @throws Error, BundleError, RangeError, SwitchError for a folder, a point or images that cannot be run
 */
export async function runInfer(options: InferOptions, streams: Streams, signal: AbortSignal): Promise<void> {
  const report = options.json ? jsonReport : textReport;
  const groups = new LatencyGroups();
  const troubles = new Troubles(streams);
  const served = await ServedFolder.open(options.folder, serveOptions(options, streams, troubles));
  const takeIn = () => refresh(served, () => streams.out(report.updated()), troubles);
  try {
    for await (const inference of inferences(served, options, takeIn, signal)) {
      groups.add(inference.operatingPoint, inference.ratio, inference.latencyMs);
      streams.out(report.run(inference));
    }
    streams.out(report.summary(groups.summaries()));
  } finally {
    await served.close();
  }
}

async function* inferences(
  served: ServedFolder,
  options: InferOptions,
  takeIn: () => Promise<boolean>,
  signal: AbortSignal,
) {
  const { count = options.follow ? Infinity : USUAL_COUNT, interval } = options;
  let images = await openImages(options.images, served.imageSize);
  let lookedAtMs = performance.now();
  for (let run = 0; run < count && !signal.aborted; run++) {
    if (performance.now() - lookedAtMs >= LOOK_MS) {
      if (await takeIn()) images = await openImages(options.images, served.imageSize);
      lookedAtMs = performance.now();
    }
    yield await served.infer(images.at(run));
    // Signals and the clocks are looked at in between: a run keeps the thread to itself.
    await delay(interval, undefined, { signal }).catch(() => undefined);
  }
}

/** @returns whether the folder had changed; what cannot be taken in is told, and the model before goes on */
async function refresh(served: ServedFolder, onUpdated: () => void, troubles: Troubles): Promise<boolean> {
  try {
    const isNew = await served.refresh();
    if (isNew) onUpdated();
    troubles.over('refresh');
    return isNew;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    troubles.tell('refresh', `what the folder holds now is not taken in, and tried again: ${reason}\n`);
    return false;
  }
}

function serveOptions(
  { point, follow, threads, sysfs, json }: InferOptions,
  { out }: Streams,
  troubles: Troubles,
): ServeOptions {
  const report = json ? jsonReport : textReport;
  return {
    threads,
    ...(point !== undefined && { operatingPoint: point }),
    ...(follow && { followIn: sysfs }),
    onUnprepared: ({ message }) =>
      troubles.tell('prepare', `warning: switches take longer, subnets were not prepared: ${message}\n`),
    onSwitch: (made) => {
      troubles.over('switch');
      out(report.switched(made));
    },
    onSwitchFailed: ({ message }) => troubles.tell('switch', `${message}\n`),
  };
}
