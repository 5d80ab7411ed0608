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
} from '#contracts';
import type { CalibrationRepository } from './calibration-repository.port.js';
import type { CalibrationInput, Calibrator } from './calibrator.port.js';
import type { DeviceRepository } from './device-repository.port.js';
import { measuredMedians } from './measured-medians.js';
import type { LatencyTableRepository } from './latency-table-repository.port.js';

export interface CalibrationServiceParts {
  readonly calibrations: CalibrationRepository;
  readonly tables: LatencyTableRepository;
  readonly devices: DeviceRepository;
  readonly calibrate: Calibrator;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** Chooses one pruning ratio per operating point from a latency table. */
export class CalibrationService {
  constructor(private readonly parts: CalibrationServiceParts) {}

  /**
   * Stores the calibration, or only computes it when the request says `save: false`: then it has no id.
   * @throws AppError invalid_request (naming latencyTableId) or latency_table_unusable
   */
  async create(actor: Actor, request: CreateCalibration): Promise<Calibration | CalibrationPreview> {
    const { calibrations, tables, devices, calibrate, now, newId } = this.parts;
    const { latencyTableId, save, ...wanted } = request;
    const table = await tables.find(actor, latencyTableId);
    if (table === undefined) throw unknownReference('latencyTableId', latencyTableId, 'latency table');
    const device = await devices.find(actor, table.deviceId);
    if (device === undefined) throw notFound('device', table.deviceId);
    const result = calibrate({ ...cellsOf(table, device), ...wanted });
    const preview: CalibrationPreview = { ...result, deviceId: table.deviceId, latencyTableId };
    if (!save) return preview;
    const { target } = wanted;
    const calibration: Calibration = { ...newAudit(actor, newId(), now()), ...preview, target };
    await calibrations.create(calibration);
    return calibration;
  }

  /** @throws AppError not_found */
  async get(actor: Actor, calibrationId: string): Promise<Calibration> {
    const calibration = await this.parts.calibrations.find(actor, calibrationId);
    if (calibration === undefined) throw notFound('calibration', calibrationId);
    return calibration;
  }
}

function cellsOf(table: LatencyTable, device: Device): Pick<CalibrationInput, 'cells' | 'operatingPoints'> {
  const cells = measuredMedians(table);
  const names = [...new Set(cells.map((cell) => cell.operatingPoint))];
  return { cells, operatingPoints: withClocks(names, device.operatingPoints) };
}
