import { fastestPoint } from './fastest-point.js';

const fastestOf = (...points: { cpuHz?: number; gpuHz?: number; memHz?: number }[]) =>
  Number(fastestPoint(points.map((clocks, i) => ({ name: String(i), ...clocks }))).name);

describe('the fastest operating point', () => {
  it('is the one whose clocks no other one beats, whatever the order', () => {
    expect(fastestOf({ cpuHz: 1.2e9, gpuHz: 400e6 }, { cpuHz: 2.4e9, gpuHz: 800e6 })).toBe(1);
    expect(fastestOf({ cpuHz: 2.4e9, gpuHz: 800e6 }, { cpuHz: 2.4e9, gpuHz: 400e6 })).toBe(0);
  });

  it('is told by the clocks that both name: a clock more makes no point faster', () => {
    expect(fastestOf({ cpuHz: 0.6e9, gpuHz: 200e6 }, { cpuHz: 2.4e9 })).toBe(1);
    expect(fastestOf({ cpuHz: 2.4e9 }, { cpuHz: 0.6e9, gpuHz: 200e6 })).toBe(0);
  });

  it('is the first where clocks do not tell', () => {
    expect(fastestOf({ cpuHz: 1e9, gpuHz: 800e6 }, { cpuHz: 2e9, gpuHz: 400e6 })).toBe(0);
    expect(fastestOf({ gpuHz: 400e6 }, { cpuHz: 2e9 })).toBe(0);
    // Each is beaten by the next one, in a circle.
    expect(fastestOf({ cpuHz: 1, memHz: 2 }, { cpuHz: 2, gpuHz: 1 }, { gpuHz: 2, memHz: 1 })).toBe(0);
  });
});
