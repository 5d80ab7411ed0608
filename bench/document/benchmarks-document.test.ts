import { format } from 'prettier';
import { accuracyRows } from '../accuracy/accuracy-rows.js';
import { madeUpRun } from '../accuracy/accuracy-runs.fixture.js';
import type { AccuracyBenchSettings } from '../accuracy/bench-settings.js';
import { bundleRow } from '../accuracy/bundle-size.js';
import { claimRows } from '../accuracy/claims.js';
import { FULL_SCALE } from '../accuracy/scale.js';
import type { BenchFile } from '../benchmark.js';
import type { CalibratedDetail, DenseDetail } from '../calibration/emulated/emulated-detail.js';
import { GOALS } from '../goals.js';
import { renewDocument, resultOf } from './benchmarks-document.js';

const machine = { cpuModel: 'a CPU', cores: 2, memoryBytes: 2 ** 34, loadAverage: [0.5, 0, 0] };
const runs = [1, 2, 3].flatMap((seed) => [
  madeUpRun('all-in-one', seed, [92 + seed / 10, 90], {
    untrained: [{ ratio: 0.25, accuracy: 0.9, macs: 750 }],
  }),
  madeUpRun('uniform-slimmable', seed, [91, 89 - seed / 10]),
  madeUpRun('independent', seed, [92, 89]),
  ...(seed === 1 ? [madeUpRun('pytorch-usnet', seed, [91.2, 89.2])] : []),
]);
const settings: AccuracyBenchSettings = {
  ...FULL_SCALE,
  engine: { name: 'onnxruntime', provider: 'cpu', version: '1.2.3', threads: 1 },
  ...{ cpuClass: 'x86-64 test', jobs: 2, code: '0123456789abcdef'.repeat(4) },
  dataset: { name: 'Fashion-MNIST', digest: 'abc', trainImages: 20_000, testImages: 10_000 },
};
const accuracy: BenchFile = {
  bench: 'accuracy',
  command: 'npm run bench -- accuracy --json /home/me/FILE',
  ...{ machine, versions: { node: '1' }, settings: { ...settings } },
  rows: [...claimRows(runs, { seeds: 3, peerSeeds: 2 }), bundleRow([0, 0.5]), ...accuracyRows(runs)],
};
const engine: BenchFile = { ...accuracy, bench: 'engine', rows: [], command: 'npm run bench -- engine' };

const formatted = (text: string) => format(text, { parser: 'markdown', printWidth: 110 });

describe("the benchmarks' document", () => {
  it('has a section for each, in its order, whichever is made first', () => {
    const both = renewDocument(renewDocument('', engine), accuracy);
    expect(renewDocument(renewDocument('', accuracy), engine)).toBe(both);
    expect(both.match(/^## .*$/gm)).toEqual(['## Training engine', '## Accuracy']);
  });

  it('keeps the other section as it is when one is renewed, formatted or not', async () => {
    const before = await formatted(renewDocument(renewDocument('', engine), accuracy));
    const later = { ...engine, command: 'npm run bench -- engine --rounds 9' };
    const after = await formatted(renewDocument(before, later));
    const accuracyPart = (text: string) => text.slice(text.indexOf('<!-- accuracy: begin -->'));
    expect(after).toContain('`npm run bench -- engine --rounds 9`');
    expect(accuracyPart(after)).toBe(accuracyPart(before));
    expect(await formatted(renewDocument(after, accuracy))).toBe(after);
  });

  it('keeps raw figures, and not where their file lay', () => {
    const { command, ...rest } = resultOf(accuracy);
    expect(command).toBe('npm run bench -- accuracy --json …/FILE');
    expect(rest.rows).toBe(accuracy.rows);
  });

  it('refuses a benchmark that it has no section about', () => {
    expect(() => renewDocument('', { ...engine, bench: 'data-path' })).toThrow(
      'expected engine or gpu or accuracy or calibration or latency-tables',
    );
  });

  it('has every claim with its interval, goal and seeds, and every accuracy', async () => {
    const text = await formatted(renewDocument('', accuracy));
    const cellsOf = (name: string) =>
      text
        .split('\n')
        .find((line) => line.includes(`\`${name}\``))!
        .split('|')
        .map((cell) => cell.trim())
        .slice(2, -1);
    // By seed: 1.1, 1.2 and 1.3 points.
    expect(cellsOf('all_in_one_minus_uniform_mean_points')).toEqual([
      ...['+1.20', '+0.95 to +1.45', '3', '≥ 0, interval ≥ -0.3', '≥ 1', 'yes'],
    ]);
    expect(cellsOf('uniform_minus_pytorch_usnet_worst_points')).toEqual([
      ...['-0.30 at ratio 0.5', '', '1 of 2', '± 0.5, at least 2 seeds', '± 0', 'no (1 of 2 seeds)'],
    ]);
    for (const { name, goal } of accuracy.rows) if (goal) expect(text).toContain(`\`${name}\``);
    expect(text).toMatch(/\| `all-in-one` +\| 92\.20 ± 0\.10 \| 90\.00 ± 0\.00 \| 3 /);
    expect(text).not.toContain('/home/me');
    expect(text).toMatch(/\| code +\| 0123456789abcdef +\|/);
  });

  it('says what was measured under emulated clocks, beside what was simulated', async () => {
    const cell = {
      ...{ operatingPoint: 'half', ratio: 0, accuracy: 0.975, emulation: 'cgroup-v2-quota' },
      ...{ processesMs: [[99, 101]], p50Ms: 100, p50LowMs: 99, p50HighMs: 101, p90Ms: 101 },
    };
    const same = { spread: 1, varianceMs2: 0, cov: 0, emulated: true as const };
    const dense: DenseDetail = {
      ...same,
      network: { depth: 8, widthMultiplier: 4 },
      batch: 512,
      threads: 1,
      cells: [cell],
    };
    const calibrated: CalibratedDetail = {
      ...{ ...same, cells: [{ ...cell, ratio: 0.4, p50Ms: 50, p50LowMs: 49, p50HighMs: 51 }] },
      ...{ targetMs: 50, trainedRatios: [0, 0.5], proxyCells: 9, trainedCells: 7, rounds: 2 },
    };
    const text = await formatted(
      renewDocument('', {
        ...{ ...accuracy, bench: 'calibration' },
        rows: [
          { name: 'emulated_dense_spread', value: 2.5, unit: 'x', detail: { ...dense } },
          { name: 'emulated_calibrated_spread', value: 1.2, unit: 'x', detail: { ...calibrated } },
          { name: 'calibration_ms', value: 12, unit: 'ms', goal: GOALS.calibration_ms, detail: {} },
        ],
      }),
    );
    expect(text).toMatch(
      /\| half +\| 100\.0 \(99\.0 to 101\.0\) +\| 0\.4 +\| 97\.5 % +\| 50\.0 \(49\.0 to 51\.0\) \|/,
    );
    expect(text).toMatch(/\| `calibration_ms` +\| 12 ms +\| ≤ 20 +\| ≤ 20 +\| yes +\|/);
    expect(text).toContain('All others are of simulated devices');
  });

  it('says which runs failed and why, where some did', async () => {
    expect(renewDocument('', accuracy)).not.toContain('Runs that failed');
    const failed = [
      { method: 'independent', seed: 3, message: 'Error: it diverged\n    at train (file.js)' },
    ];
    const text = await formatted(renewDocument('', { ...accuracy, failed }));
    expect(text).toContain('### Runs that failed');
    expect(text).toMatch(/\| `independent` +\| 3 +\| Error: it diverged \|/);
    expect(text).not.toContain('file.js');
  });
});
