import type { MeasuringProtocol, OperatingPoint, SampleProvenance } from '#contracts';
import { RUNNER, type CellMeasurement, type ClockController } from '#edge';
import { describeMachine, isochronVersion } from '#runtime';

export interface MeasuredUnder {
  readonly protocol: MeasuringProtocol;
  readonly networkDigest: string;
  readonly point: OperatingPoint;
  readonly controller: Pick<ClockController, 'kind' | 'emulated'>;
}

/** A clock that fell this far below the one that was pinned did so to protect the device. */
const THROTTLED_BELOW = 0.95;

/** How the samples of a cell came to be, as the server stores it. */
export function provenanceOf(measurement: CellMeasurement, under: MeasuredUnder): SampleProvenance {
  const { protocol, networkDigest, point, controller } = under;
  const { clockReadBackHz, governor, requestedCpuShare, temperatureBeforeC, temperatureAfterC } = measurement;
  const { cpuModel, cores, platform, arch } = describeMachine();
  return {
    agentVersion: isochronVersion(),
    runner: RUNNER,
    runnerVersion: measurement.runnerVersion,
    threads: protocol.threads,
    batch: protocol.batch,
    runsPerSample: measurement.runsPerSample,
    networkDigest,
    emulated: controller.emulated,
    clockController: controller.kind,
    ...(requestedCpuShare === undefined ? {} : { requestedCpuShare }),
    ...(clockReadBackHz === undefined ? {} : { clockReadBackHz }),
    ...(clockReadBackHz === undefined || point.cpuHz === undefined
      ? {}
      : { throttled: clockReadBackHz < THROTTLED_BELOW * point.cpuHz }),
    ...(governor === undefined ? {} : { governor }),
    ...(temperatureBeforeC === undefined ? {} : { temperatureBeforeC }),
    ...(temperatureAfterC === undefined ? {} : { temperatureAfterC }),
    machine: { cpuModel: cpuModel.slice(0, 200), cores, platform, arch },
    measuredAt: measurement.measuredAt.toISOString(),
  };
}
