import {
  newAudit,
  notFound,
  unknownReference,
  withClocks,
  type Actor,
  type Calibration,
  type CalibrationPreview,
  type CreateCalibration,
  type Device,
  type LatencyTable,
  type RatioAccuracy,
} from '#contracts';
import type { CalibrationRepository } from './calibration-repository.port.js';
import type { CalibrationInput, Calibrator } from './calibrator.port.js';
import type { DeviceRepository } from './device-repository.port.js';
import { measuredMedians } from './measured-medians.js';
import type { LatencyTableRepository } from './latency-table-repository.port.js';
import type { VersionAccuracies } from './version-accuracies.port.js';

export interface CalibrationServiceParts {
  readonly calibrations: CalibrationRepository;
  readonly tables: LatencyTableRepository;
  readonly devices: DeviceRepository;
  readonly calibrate: Calibrator;
  readonly accuraciesOf: VersionAccuracies;
  readonly now: () => Date;
  readonly newId: () => string;
}

type AskedCalibration = Omit<CreateCalibration, 'save'>;

/** Chooses one pruning ratio per operating point from a latency table. */
export class CalibrationService {
  constructor(private readonly parts: CalibrationServiceParts) {}

  /**
   * Computes a calibration, and stores it when the request says `save`; otherwise it has no id.
   * @throws AppError invalid_request (naming latencyTableId or version) or latency_table_unusable
   */
  async create(
    actor: Actor,
    request: CreateCalibration,
    id = this.parts.newId(),
  ): Promise<Calibration | CalibrationPreview> {
    const { save, ...asked } = request;
    const preview = await this.preview(actor, asked);
    if (!save) return preview;
    const calibration: Calibration = { ...newAudit(actor, id, this.parts.now()), ...preview };
    await this.parts.calibrations.create(calibration);
    return calibration;
  }

  /** A calibration that whoever asks for it stores. @throws what `create` throws */
  async draft(actor: Actor, asked: AskedCalibration): Promise<Calibration> {
    const { now, newId } = this.parts;
    const preview = await this.preview(actor, asked);
    return { ...newAudit(actor, newId(), now()), ...preview };
  }

  /** @throws AppError not_found */
  async get(actor: Actor, calibrationId: string): Promise<Calibration> {
    const calibration = await this.parts.calibrations.find(actor, calibrationId);
    if (calibration === undefined) throw notFound('calibration', calibrationId);
    return calibration;
  }

  private async preview(actor: Actor, request: AskedCalibration): Promise<CalibrationPreview> {
    const { tables, devices, calibrate } = this.parts;
    const { latencyTableId, version, ...asked } = request;
    const table = await tables.find(actor, latencyTableId);
    if (table === undefined) throw unknownReference('latencyTableId', latencyTableId, 'latency table');
    const device = await devices.find(actor, table.deviceId);
    if (device === undefined) throw notFound('device', table.deviceId);
    const wanted = { ...asked, ...(version && { accuracies: await this.accuraciesOf(actor, version) }) };
    return {
      ...wanted,
      ...calibrate({ ...cellsOf(table, device), ...wanted }),
      ...{ deviceId: device.id, latencyTableId, ...(version && { version }) },
    };
  }

  private async accuraciesOf(
    actor: Actor,
    version: NonNullable<CreateCalibration['version']>,
  ): Promise<RatioAccuracy[]> {
    const accuracies = await this.parts.accuraciesOf(actor, version);
    if (accuracies !== undefined) return accuracies;
    throw unknownReference('version', `${version.model} version ${version.version}`, 'model version');
  }
}

function cellsOf(table: LatencyTable, device: Device): Pick<CalibrationInput, 'cells' | 'operatingPoints'> {
  const cells = measuredMedians(table);
  const declared = device.operatingPoints.map(({ name }) => name);
  const names = [...new Set([...cells.map((cell) => cell.operatingPoint), ...declared])];
  return { cells, operatingPoints: withClocks(names, device.operatingPoints) };
}
