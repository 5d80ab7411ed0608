import type { MeasuringProtocol, SampleProvenance } from '#contracts';
import type { CellMeasurement, ClockController } from '#edge';
import { describeMachine, isochronVersion } from '#runtime';

export interface MeasuredUnder {
  readonly protocol: MeasuringProtocol;
  readonly networkDigest: string;
  readonly controller: Pick<ClockController, 'kind' | 'emulated'>;
}

/** How the samples of a cell came to be, as the server stores it. */
export function provenanceOf(measurement: CellMeasurement, under: MeasuredUnder): SampleProvenance {
  const { protocol, networkDigest, controller } = under;
  const { runner, runnerVersion, runsPerSample, sampling, attempts } = measurement;
  const { cpuModel, cores, platform, arch } = describeMachine();
  return {
    agentVersion: isochronVersion(),
    runner,
    runnerVersion,
    threads: protocol.threads,
    batch: protocol.batch,
    runsPerSample,
    networkDigest,
    emulated: controller.emulated,
    clockController: controller.kind,
    ...conditionsOf(measurement),
    sampling,
    attempts,
    machine: { cpuModel: cpuModel.slice(0, 200), cores, platform, arch },
    measuredAt: measurement.measuredAt.toISOString(),
  };
}

/** What is known of the device's state: fields without a value are left out. */
function conditionsOf(measurement: CellMeasurement): Partial<SampleProvenance> {
  const { clockReadBackHz, gpuReadBackHz, memReadBackHz, governor, requestedCpuShare } = measurement;
  const { temperatureBeforeC, temperatureAfterC, throttled, drift } = measurement;
  const all = {
    ...{ requestedCpuShare, clockReadBackHz, gpuReadBackHz, memReadBackHz, governor },
    ...{ temperatureBeforeC, temperatureAfterC, throttled, drift },
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
