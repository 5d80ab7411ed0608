/** Switches a runtime from subnet to subnet, and runs each of them in turns with its plain ONNX file. */
import type { DeviceRuntime } from '#edge';
import { median } from '../median.js';
import { answerOrder } from '../service/child.js';
import { openPlain, openRuntime } from './open-runtime.js';
import { RATIOS, imageOf, type NetworkFiles } from './runtime-networks.js';

export interface SwitchingOrder {
  readonly files: NetworkFiles;
  readonly switches: number;
  /** Runs of each of both, for every ratio. */
  readonly runs: number;
}

export interface SwitchingResult {
  /** From the request to the first output, which is the right one. */
  readonly switchesMs: readonly number[];
  /** The same by ratio that was switched to. */
  readonly byRatio: readonly { readonly ratio: number; readonly switchesMs: readonly number[] }[];
  readonly steady: readonly {
    readonly ratio: number;
    /** Medians of one inference. */
    readonly runtimeMs: number;
    readonly plainMs: number;
  }[];
}

/** Switches that are made first and not counted: code is compiled, memory is grown. */
const WARM_UP = 12;
const RUNS_IN_A_ROW = 10;
const TOLERANCE = 1e-4;

answerOrder<SwitchingOrder, SwitchingResult>(async (order) => {
  const expected = await expectedLogits(order.files);
  const runtime = await openRuntime(order.files);
  const byRatio = await switchTimes(runtime, order, expected);
  const steady: SwitchingResult['steady'][number][] = [];
  for (const [index, ratio] of RATIOS.entries()) {
    await runtime.setOperatingPoint(String(ratio));
    steady.push({ ratio, ...(await steadyTimes(runtime, order, index)) });
  }
  await runtime.close();
  return { switchesMs: byRatio.flatMap((each) => each.switchesMs), byRatio, steady };
});

async function expectedLogits(files: NetworkFiles): Promise<Float32Array[]> {
  const all: Float32Array[] = [];
  for (const file of files.models) {
    const plain = await openPlain(file, files);
    all.push(Float32Array.from(await plain.run()));
    await plain.release();
  }
  return all;
}

/** Every subnet after every other one, as often as the order says. */
async function switchTimes(
  runtime: DeviceRuntime,
  { files, switches }: SwitchingOrder,
  expected: readonly Float32Array[],
): Promise<{ ratio: number; switchesMs: number[] }[]> {
  const image = imageOf(files.image);
  const times = RATIOS.map((ratio) => ({ ratio, switchesMs: [] as number[] }));
  for (let i = 1; i <= WARM_UP + switches; i++) {
    // Steps of 1, 2 and 3 in turns: every subnet follows every other one.
    const index = (RATIOS.indexOf(Number(runtime.operatingPoint)) + 1 + (i % 3)) % RATIOS.length;
    const startedMs = performance.now();
    await runtime.setOperatingPoint(String(RATIOS[index]));
    const { logits } = await runtime.infer(image);
    const tookMs = performance.now() - startedMs;
    requireNear(logits, expected[index]!);
    if (i > WARM_UP) times[index]!.switchesMs.push(tookMs);
    for (let run = 0; run < 3; run++) await runtime.infer(image);
  }
  return times;
}

/** Some runs of the one, some of the other, again and again: what else the machine does falls on both. */
async function steadyTimes(runtime: DeviceRuntime, { files, runs }: SwitchingOrder, index: number) {
  const image = imageOf(files.image);
  const plain = await openPlain(files.models[index]!, files);
  const contestants = [
    { run: () => runtime.infer(image), timesMs: [] as number[] },
    { run: () => plain.run(), timesMs: [] as number[] },
  ];
  for (let done = 0; done < runs; done += RUNS_IN_A_ROW) {
    for (const { run, timesMs } of contestants) {
      await run();
      for (let i = 0; i < RUNS_IN_A_ROW; i++) {
        const startedMs = performance.now();
        await run();
        timesMs.push(performance.now() - startedMs);
      }
    }
  }
  await plain.release();
  const [runtimeMs, plainMs] = contestants.map(({ timesMs }) => median(timesMs));
  return { runtimeMs: runtimeMs!, plainMs: plainMs! };
}

function requireNear(actual: Float32Array, expected: Float32Array): void {
  const largest = Math.max(...expected.map(Math.abs));
  const worst = Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!)));
  if (worst > TOLERANCE * largest) throw new Error(`logits differ by ${worst}, the largest is ${largest}`);
}
