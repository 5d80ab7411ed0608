import { TYPESCRIPT_NODE_OPTIONS } from '#testkit';
import type { BenchResult } from './benchmark.js';
import { calibration } from './calibration.bench.js';
import type { CalibratedDetail, DenseDetail } from './calibration/emulated/emulated-detail.js';
import { isMet } from './goals.js';

process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

describe('a quick run of the calibration benchmark', () => {
  let result: BenchResult;
  const rowOf = (name: string) => result.rows.find((row) => row.name === name)!;
  beforeAll(async () => {
    result = await calibration.run(() => {}, { rounds: 1, quick: true, peerPythons: [] });
  });

  it('holds the target on the few devices that it simulates, from less than half of the grid', () => {
    // One point of the hundred may lie on the edge of the tolerance.
    expect(rowOf('held_within_5_percent_share').value).toBeGreaterThanOrEqual(0.98);
    for (const name of ['false_feasible_devices', 'cells_measured_share']) {
      expect(isMet(rowOf(name).goal!, rowOf(name))).toBe(true);
    }
  });

  it('says that the devices are simulated, with which seeds', () => {
    expect(result.settings).toMatchObject({ simulated: true, devices: 5, firstSeed: 1 });
  });

  it('measures the dense and the calibrated network at every point in processes of their own', () => {
    const dense = rowOf('emulated_dense_spread').detail as unknown as DenseDetail;
    const calibrated = rowOf('emulated_calibrated_spread').detail as unknown as CalibratedDetail;
    for (const { cells, emulated } of [dense, calibrated]) {
      expect(emulated).toBe(true);
      expect(cells.map(({ operatingPoint }) => operatingPoint)).toEqual([
        '100 % of the CPU',
        '33 % of the CPU',
      ]);
      for (const { processesMs } of cells) expect(processesMs.map(({ length }) => length)).toEqual([6]);
    }
    expect(dense.cells.every(({ ratio }) => ratio === 0)).toBe(true);
    expect(rowOf('emulated_variance_reduction').value).toBeCloseTo(
      dense.varianceMs2 / calibrated.varianceMs2,
    );
  });
});
