import {
  AppError,
  firstVerificationCells,
  importedProtocol,
  newAudit,
  notFound,
  unknownReference,
  type Actor,
  type Calibration,
  type CreateMeasuringTask,
  type Device,
  type LatencyTable,
  type MeasuringProtocol,
  type MeasuringTask,
  type VerificationCell,
} from '#contracts';
import type { CalibrationRepository } from './calibration-repository.port.js';
import type { DeviceRepository } from './device-repository.port.js';
import type { LatencyTableRepository } from './latency-table-repository.port.js';
import type { MeasuringTaskRepository } from './measuring-task-repository.port.js';
import { planCells } from './plan-cells.js';
import type { SubnetFactory } from './subnet-factory.port.js';

export interface MeasuringRequestsParts {
  readonly tasks: MeasuringTaskRepository;
  readonly devices: DeviceRepository;
  readonly calibrations: CalibrationRepository;
  readonly tables: LatencyTableRepository;
  readonly subnets: SubnetFactory;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** A trained candidate that is to be measured on the device of its calibration. */
export interface VerificationRequest {
  readonly jobId: string;
  readonly calibrationId: string;
  readonly bundleDigest: string;
  /** Of the job: after a retry the same round is asked for anew. */
  readonly generation: number;
  /** How many measuring tasks the candidate has had: those of later rounds measure `cells` alone. */
  readonly roundsBefore: number;
  readonly cells: readonly VerificationCell[];
}

type Measured = Pick<
  MeasuringTask,
  'purpose' | 'jobId' | 'input' | 'protocol' | 'selection' | 'subnets' | 'deploys'
>;

/** Subnets of a published version, and what their measurements are for. */
export interface VersionRequest extends Pick<Measured, 'input' | 'protocol' | 'subnets' | 'deploys'> {
  readonly deviceId: string;
}

/** A job that has its device measured before it trains. */
export interface ForJob {
  readonly jobId: string;
  readonly generation: number;
}

/** What of a task is not made for it. */
interface Given {
  readonly id?: string | undefined;
  /** Of which there is one task, however often it is asked for. */
  readonly key?: string;
  readonly cells?: MeasuringTask['cells'];
}

/** Makes measuring tasks: of proxy networks before training, of candidates after it. */
export class MeasuringRequests {
  constructor(private readonly parts: MeasuringRequestsParts) {}

  /**
   * A job gets one task however often this is called.
   * @throws AppError invalid_request (naming deviceId), network_invalid or ratio_unreachable
   */
  async profile(
    actor: Actor,
    request: CreateMeasuringTask,
    { forJob, id }: { readonly forJob?: ForJob; readonly id?: string } = {},
  ): Promise<MeasuringTask> {
    const { deviceId, network, input, classes, ratios, channelMultiple, protocol, selection } = request;
    const device = await this.parts.devices.find(actor, deviceId);
    if (device === undefined) throw unknownReference('deviceId', deviceId, 'device');
    const spec = { network, input, classes, ratios, channelMultiple, batch: protocol.batch };
    const subnets = await this.parts.subnets.proxies(spec);
    const measured: Measured = { purpose: 'profile', input, protocol, selection, subnets };
    if (forJob === undefined) return this.store(actor, device, measured, { id });
    const { jobId, generation } = forJob;
    const key = `profile.${jobId}.${generation}`;
    return this.store(actor, device, { ...measured, jobId }, { key });
  }

  /**
   * Measures subnets of the candidate as the calibration's own table was measured, so that the two compare, but until their
   * medians are known twice as well: in the first round the dense one and the chosen one at every operating point of the
   * calibration, in later ones what they ask for. A round gets one task however often this is called.
   * @throws AppError not_found when calibration, table, task or device is gone
   */
  async verification(actor: Actor, request: VerificationRequest): Promise<MeasuringTask> {
    const { jobId, calibrationId, bundleDigest, generation, roundsBefore } = request;
    const { device, calibration, protocol } = await this.originOf(actor, calibrationId);
    const cells = roundsBefore === 0 ? firstVerificationCells(calibration) : request.cells;
    const ratios = cells.map(({ ratio }) => ratio);
    const candidate = await this.parts.subnets.candidates({ bundleDigest, batch: protocol.batch, ratios });
    const selection = { kind: 'all' } as const;
    const measured: Measured = { purpose: 'verify', jobId, protocol, selection, ...candidate };
    const key = `verify.${jobId}.${roundsBefore + 1}.${generation}`;
    return this.store(actor, device, measured, { key, cells: indexed(cells) });
  }

  /**
   * Measures subnets of a published version, all of them at every operating point of the device.
   * @throws AppError invalid_request (naming deviceId)
   */
  async ofVersion(actor: Actor, request: VersionRequest, id: string): Promise<MeasuringTask> {
    const { deviceId, ...measured } = request;
    const device = await this.parts.devices.find(actor, deviceId);
    if (device === undefined) throw unknownReference('deviceId', deviceId, 'device');
    const selection = { kind: 'all' } as const;
    return this.store(actor, device, { purpose: 'verify', selection, ...measured }, { id });
  }

  private async originOf(
    actor: Actor,
    calibrationId: string,
  ): Promise<{ device: Device; calibration: Calibration; protocol: MeasuringProtocol }> {
    const { calibrations, tables, devices } = this.parts;
    const calibration = await calibrations.find(actor, calibrationId);
    if (calibration === undefined) throw notFound('calibration', calibrationId);
    const table = await tables.find(actor, calibration.latencyTableId);
    if (table === undefined) throw notFound('latency table', calibration.latencyTableId);
    const protocol = verificationProtocol(await this.protocolOf(actor, table));
    const device = await devices.find(actor, calibration.deviceId);
    if (device === undefined) throw notFound('device', calibration.deviceId);
    return { device, calibration, protocol };
  }

  /** How the table was measured; an imported one says so, or no job would have been taken. */
  private async protocolOf(actor: Actor, table: LatencyTable): Promise<MeasuringProtocol> {
    const { measuringTaskId } = table;
    if (measuringTaskId === undefined) {
      const protocol = importedProtocol(table);
      if (protocol === undefined)
        throw new AppError('internal', `latency table "${table.id}" lacks batch or threads`);
      return protocol;
    }
    const task = await this.parts.tasks.find(actor, measuringTaskId);
    if (task === undefined) throw notFound('measuring task', measuringTaskId);
    return task.protocol;
  }

  private store(
    actor: Actor,
    device: Device,
    measured: Measured,
    { id, key, cells }: Given,
  ): Promise<MeasuringTask> {
    const { tasks, now, newId } = this.parts;
    const ratios = measured.subnets.map((subnet) => subnet.ratio);
    const task: MeasuringTask = {
      ...newAudit(actor, id ?? newId(), now()),
      ...measured,
      deviceId: device.id,
      state: 'queued',
      operatingPoints: device.operatingPoints,
      cells: cells ?? planCells(device.operatingPoints, ratios),
      cellsDone: 0,
    };
    return tasks.create(task, key);
  }
}

/** No task may ask for more. */
const MOST_SAMPLES = 10_000;
const LONGEST_CELL_SECONDS = 3600;

/** Four times the samples halve the interval of a median. */
function verificationProtocol(protocol: MeasuringProtocol): MeasuringProtocol {
  const { relativeInterval, maxSamples, cellSeconds } = protocol;
  return {
    ...protocol,
    relativeInterval: relativeInterval / 2,
    maxSamples: Math.min(4 * maxSamples, MOST_SAMPLES),
    cellSeconds: Math.min(4 * cellSeconds, LONGEST_CELL_SECONDS),
  };
}

const indexed = (cells: readonly VerificationCell[]): MeasuringTask['cells'] =>
  cells.map(({ operatingPoint, ratio }, index) => ({ index, operatingPoint, ratio }));
