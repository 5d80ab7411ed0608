import { randomUUID } from 'node:crypto';
import { StabilityReport } from '#contracts';
import { canonicalDigest } from '../canonical-json.js';
import {
  aVersionRecord,
  CALIBRATION,
  DATASET,
  DEVICE,
  PROFILE,
  VERIFICATION,
} from '../cards/version-record.fixture.js';
import { buildStabilityReport } from './stability-report.js';

const deviceId = DEVICE.id;

describe('a stability report', () => {
  const record = aVersionRecord();
  const report = buildStabilityReport(record, { deviceId });

  test('says what it is about, by digests', () => {
    expect(StabilityReport.parse(report)).toEqual(report);
    const { version, job } = record;
    expect(report).toMatchObject({
      ...{ model: 'digits', version: 1, jobId: job.id, emulated: true, targetMs: 10, tolerance: 0.05 },
      bundle: { digest: version.bundle.digest, bytes: 2048 },
      dataset: { id: DATASET.id, name: 'mnist', digest: DATASET.digest, testImages: 200 },
      device: { id: deviceId, name: 'board-1', model: 'Phone 3', soc: 'SoC 7' },
      deployment: { id: version.deployments[0]!.id, calibrationId: CALIBRATION.id },
    });
    expect(report.latencyTables).toEqual([
      expect.objectContaining({ id: PROFILE.id, purpose: 'profile', digest: canonicalDigest(PROFILE.cells) }),
      expect.objectContaining({ id: VERIFICATION.id, purpose: 'verify', sampleCount: 12 }),
    ]);
  });

  test('names a table once that was calibrated from and verifies as well', () => {
    const calibration = { ...CALIBRATION, latencyTableId: VERIFICATION.id };
    const measured = aVersionRecord({ calibrations: new Map([[CALIBRATION.id, calibration]]) });
    const { latencyTables } = buildStabilityReport(measured, { deviceId });
    expect(latencyTables.map(({ id, purpose }) => [id, purpose])).toEqual([[VERIFICATION.id, 'verify']]);
  });

  test('has latency and the cell behind it, with its provenance and the digest of its network', () => {
    const [slow] = report.points;
    expect(slow).toMatchObject({ operatingPoint: 'slow', ratio: 0.5, accuracy: 0.95, withinTolerance: true });
    expect(slow!.clocks).toMatchObject({ cpuHz: 1e9, emulatedCpuShare: 0.5 });
    expect(slow!.dense).toMatchObject({ p50Ms: 20, cell: { index: 2, latencyTableId: VERIFICATION.id } });
    expect(slow!.calibrated).toMatchObject({
      ...{ p50Ms: 10, n: 3, onnxDigest: 'a'.repeat(64) },
      cell: {
        index: 3,
        provenance: { agentVersion: '0.1.0', clockController: 'duty-cycle', emulated: true },
      },
    });
  });

  test('sets dense beside calibrated, without a quotient where no variance is left', () => {
    expect(report.stability).toMatchObject({ spreadReduction: 2, varianceReduction: null });
    const stability = {
      dense: { spread: 3, varianceMs2: 8, cov: 1 },
      calibrated: { spread: 2, varianceMs2: 2, cov: 1 },
    };
    const other = aVersionRecord({}, { deployment: { stability } });
    expect(buildStabilityReport(other, { deviceId }).stability).toMatchObject({
      ...{ spreadReduction: 1.5, varianceReduction: 4 },
    });
  });

  test('names the files that were added to the bundle', () => {
    const ratios = [{ ...record.version.ratios[1]!, ratio: 0.4 }];
    const addenda = [{ digest: 'c'.repeat(64), bytes: 9, ratios }];
    expect(buildStabilityReport({ ...record, addenda }, { deviceId }).addenda).toEqual([
      { digest: 'c'.repeat(64), bytes: 9, ratios: [0.4] },
    ]);
  });

  test('is the same whenever it is made', () => {
    expect(buildStabilityReport(record, { deviceId })).toEqual(report);
  });

  test('is of the newest deployment on the device, or of the one that is named', () => {
    const { version } = record;
    const [older] = version.deployments;
    const newer = { ...older!, id: randomUUID(), createdAt: '2999-01-01T00:00:00.000Z' };
    const again = { ...record, version: { ...version, deployments: [older!, newer] } };
    expect(buildStabilityReport(again, { deviceId }).deployment.id).toBe(newer.id);
    const named = buildStabilityReport(again, { deviceId, deploymentId: older!.id });
    expect(named.deployment.id).toBe(older!.id);
  });

  test('takes each latency from the round that measured it last', () => {
    const cells = VERIFICATION.cells.map((cell) => ({ ...cell, index: cell.index + 10 }));
    const later = { ...VERIFICATION, id: randomUUID(), cells: cells.slice(3) };
    const rounds = { latencyTableIds: [VERIFICATION.id, later.id] };
    const tables = new Map([VERIFICATION, later].map((table) => [table.id, table]));
    const [slow] = buildStabilityReport(aVersionRecord({ tables }, { deployment: rounds }), {
      deviceId,
    }).points;
    expect(slow!.calibrated.cell).toMatchObject({ latencyTableId: later.id, index: 13 });
    expect(slow!.dense.cell).toMatchObject({ latencyTableId: VERIFICATION.id, index: 2 });
  });

  test('says of tables that are gone that they are', () => {
    const gone = buildStabilityReport(aVersionRecord({ tables: new Map() }), { deviceId });
    expect(gone.latencyTables).toContainEqual({ id: VERIFICATION.id, purpose: 'verify', gone: true });
    expect(gone.points[0]!.dense).not.toHaveProperty('cell');
    expect(StabilityReport.parse(gone)).toEqual(gone);
  });

  test('of a device that the version is not on is not there, and says which it is on', () => {
    const refused = () => buildStabilityReport(record, { deviceId: randomUUID() });
    expect(refused).toThrow(
      /digits version 1 has no deployment on device ".*": it was deployed to ".*" \(board-1\)/,
    );
    const named = () => buildStabilityReport(record, { deviceId, deploymentId: randomUUID() });
    expect(named).toThrow(/has no deployment ".*" on device/);
  });
});
