import { buildReport } from './build-report.js';
import { FINDINGS } from './demo-findings.fixture.js';
import { DemoReport } from './report.schema.js';

describe('building the report', () => {
  const report = buildReport(FINDINGS);

  test('compares dense and calibrated as the deployment measured them', () => {
    const { dense, calibrated } = FINDINGS.version.deployments[0]!.stability;
    expect(report.stability).toEqual({
      dense,
      calibrated,
      spreadReduction: dense.spread / calibrated.spread,
      varianceReduction: dense.varianceMs2 / calibrated.varianceMs2,
    });
    expect(report.stability.spreadReduction).toBeGreaterThan(2.4);
  });

  test('sets what the calibration expected beside what was measured', () => {
    expect(report.points[0]!.proxyMs.dense).toBeCloseTo(20);
    expect(report.points[0]!.dense.p50Ms).toBeCloseTo(20.4);
  });

  test('keeps raw samples and provenance of every cell, and survives a round trip through JSON', () => {
    const read = DemoReport.parse(JSON.parse(JSON.stringify(report)));
    expect(read).toEqual(report);
    expect(read.profile.cells).toHaveLength(30);
    for (const cell of [...read.profile.cells, ...read.verification.cells]) {
      expect(cell.samplesMs).toHaveLength(12);
      expect(cell.provenance.emulated).toBe(true);
    }
  });

  test('says how many cells of the grid were measured', () => {
    expect(report.profileCells).toEqual({ measured: 30, grid: 50, savedShare: 0.4 });
  });

  test('writes null where no variance is left to divide by', () => {
    const [deployment] = FINDINGS.version.deployments;
    const flat = { spread: 1, varianceMs2: 0, cov: 0 };
    const deployments = [{ ...deployment!, stability: { ...deployment!.stability, calibrated: flat } }];
    const { stability } = buildReport({ ...FINDINGS, version: { ...FINDINGS.version, deployments } });
    expect(stability.varianceReduction).toBeNull();
  });

  test('refuses a version that was not deployed to the device', () => {
    const version = { ...FINDINGS.version, deployments: [] };
    expect(() => buildReport({ ...FINDINGS, version })).toThrow('no deployment on "this-machine"');
  });
});
