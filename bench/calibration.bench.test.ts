import type { BenchResult } from './benchmark.js';
import { calibration } from './calibration.bench.js';
import { isMet } from './goals.js';

describe('a quick run of the calibration benchmark', () => {
  let result: BenchResult;
  beforeAll(async () => {
    result = await calibration.run(() => {}, { rounds: 1, quick: true, peerPythons: [] });
  });

  it('holds the target on the few devices that it simulates, from less than half of the grid', () => {
    const rowOf = (name: string) => result.rows.find((row) => row.name === name)!;
    // One point of the hundred may lie on the edge of the tolerance.
    expect(rowOf('held_within_5_percent_share').value).toBeGreaterThanOrEqual(0.98);
    for (const name of ['false_feasible_devices', 'cells_measured_share']) {
      expect(isMet(rowOf(name).goal!, rowOf(name))).toBe(true);
    }
  });

  it('says that the devices are simulated, with which seeds', () => {
    expect(result.settings).toMatchObject({ simulated: true, devices: 5, firstSeed: 1 });
  });
});
