import type { Finish } from './race.js';
import { imagesPerSecondRow, keptMacsRow, memoryRow, shareRow, worstRow } from './rows.js';

const finish = (name: string, seconds: number[][], peakMemoryBytes?: number): Finish => ({
  name,
  work: 'dense',
  hello: { version: '1', threads: 2 },
  losses: [[2]],
  seconds,
  peakMemoryBytes,
});

describe('rows of the engine benchmark', () => {
  it('takes the share of the fastest peer, round by round, so that a slow round of both sides counts as any other', () => {
    const ours = finish('ours', [[0.2], [0.4], [0.2]]);
    const fast = finish('fast', [[0.1], [0.2], [0.1]]);
    const slow = finish('slow', [[0.3], [0.3], [0.3]]);
    const [row] = shareRow('share', ours, [slow, fast]);
    expect(row!.value).toBeCloseTo(0.5, 12);
    expect(row!.detail).toMatchObject({
      peers: [{ name: 'fast' }, { name: 'slow' }],
      worstLossDifference: 0,
    });
  });

  it('has no share where a side is missing', () => {
    expect(shareRow('share', finish('ours', [[1]]), [])).toEqual([]);
    expect(shareRow('share', undefined, [finish('peer', [[1]])])).toEqual([]);
  });

  it('holds a joint step to what its MACs would cost at the speed of the dense step', () => {
    const times = { joint: finish('joint', [[0.6]]), dense: finish('dense', [[0.2]]) };
    const row = keptMacsRow('kept', times, { keptMacs: 2.4, nominalMacs: 2.5 });
    expect(row.value).toBeCloseTo(1.25, 12);
    expect(row.detail['byNominalMacs']).toBeCloseTo(1.2, 12);
  });

  it('compares memory with the leanest peer that it was measured of', () => {
    const ours = finish('ours', [[1]], 300);
    const peers = [finish('a', [[1]], 400), finish('b', [[1]], 200), finish('c', [[1]])];
    expect(memoryRow('memory', ours, peers)).toMatchObject([
      { value: 1.5, detail: { leanestPeer: 'b', peakMemoryBytes: { ours: 300, a: 400, b: 200 } } },
    ]);
  });

  it('names an engine so that other programs can look it up', () => {
    const row = imagesPerSecondRow(finish('PyTorch 2.4.0+cpu nchw', [[0.5]]), 64);
    expect(row).toMatchObject({ name: 'images_per_second_pytorch_2_4_0_cpu_nchw', value: 128 });
  });

  it('takes the worst figure in the sense of its goal', () => {
    const rows = [0.7, 0.9].map((value, i) => ({ name: `row ${i}`, value, unit: 'x', detail: {} }));
    const goal = { mustLand: 1, aim: 1 };
    expect(worstRow('w', rows, { better: 'higher', ...goal })[0]).toMatchObject({ value: 0.7, name: 'w' });
    expect(worstRow('w', rows, { better: 'lower', ...goal })[0]).toMatchObject({ value: 0.9 });
    expect(worstRow('w', [], { better: 'lower', ...goal })).toEqual([]);
  });
});
