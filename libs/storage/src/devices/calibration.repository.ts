import { Calibration, type Actor } from '#contracts';
import type { CalibrationRepository } from '#devices';
import type { Database, Transaction } from '../database/database.js';
import { auditColumns, isId, json, jsonOrNull, plain } from '../database/rows.js';

export class PostgresCalibrationRepository implements CalibrationRepository {
  constructor(private readonly database: Database) {}

  create(calibration: Calibration): Promise<void> {
    return insertCalibration(this.database, calibration);
  }

  async find({ teamId }: Actor, calibrationId: string): Promise<Calibration | undefined> {
    if (!isId(calibrationId)) return undefined;
    const row = await this.database.calibration.findUnique({ where: { id: calibrationId, teamId } });
    return row === null ? undefined : Calibration.parse(plain(row));
  }
}

export async function insertCalibration(
  database: Database | Transaction,
  calibration: Calibration,
): Promise<void> {
  const { deviceId, latencyTableId, targetMs, tolerance, mode, ratios, unmeasuredPoints } = calibration;
  const { maxRatio, maxTrainedRatios, nearestFeasibleTargetMs } = calibration;
  await database.calibration.create({
    data: {
      ...auditColumns(calibration),
      ...{ deviceId, latencyTableId, targetMs, tolerance, mode, ratios, unmeasuredPoints },
      ...{ maxRatio, maxTrainedRatios, nearestFeasibleTargetMs },
      target: json(calibration.target),
      choices: json(calibration.choices),
      stability: json(calibration.stability),
      merged: jsonOrNull(calibration.merged),
      accuracies: jsonOrNull(calibration.accuracies),
      version: jsonOrNull(calibration.version),
    },
  });
}
