import type { BenchFile, BenchRow } from '../benchmark.js';
import type { CalibratedDetail, DenseDetail, EmulatedCell } from '../calibration/emulated/emulated-detail.js';
import { figuresTable } from './figures-table.js';
import { markdownTable } from './markdown-table.js';
import { provenanceTable } from './provenance-table.js';

/** The document's part about what `npm run bench -- calibration --json FILE` wrote. */
export function calibrationSection(file: BenchFile): string {
  const { rows } = file;
  return [
    '## Calibration',
    provenanceTable(file),
    HOW_TO_READ,
    figuresTable(rows),
    ...emulatedPart(rows),
    REPEAT,
  ].join('\n\n');
}

const HOW_TO_READ = `Figures that begin with \`emulated_\` are measured on this machine, whose clock was not moved: a CPU quota took time away from
the measured process. All others are of simulated devices with known latencies ([Calibration](calibration.md#figures)); nothing of
those was measured.`;

const REPEAT = `### To repeat it

\`npm run bench -- calibration --json FILE\`; with \`--only emulated\` or \`--only simulated\` one part of it.`;

function emulatedPart(rows: readonly BenchRow[]): string[] {
  const detailOf = (name: string) => rows.find((row) => row.name === name)?.detail;
  const dense = detailOf('emulated_dense_spread') as DenseDetail | undefined;
  const calibrated = detailOf('emulated_calibrated_spread') as CalibratedDetail | undefined;
  if (!dense || !calibrated) return [];
  const cells = dense.cells.map((cell, at) => {
    const chosen = calibrated.cells[at]!;
    const accuracy = `${(100 * chosen.accuracy).toFixed(1)} %`;
    return [cell.operatingPoint, latency(cell), String(chosen.ratio), accuracy, latency(chosen)];
  });
  return ['### Emulated clocks, really measured', setting(dense, calibrated), markdownTable(HEAD, cells)];
}

const HEAD = ['operating point', 'dense p50, ms', 'ratio', 'accuracy', 'calibrated p50, ms'];

function setting({ network, batch, cells }: DenseDetail, held: CalibratedDetail): string {
  const { processesMs, emulation } = cells[0]!;
  return `ResNet-${network.depth} with ${network.widthMultiplier} times its usual widths on MNIST, one family, trained for the ratios ${held.trainedRatios.join(', ')} after ${held.proxyCells} cells of proxies were measured; ratios
were then moved without training in ${held.rounds} rounds, ${held.trainedCells} cells of trained networks. The target is ${held.targetMs.toFixed(1)} ms, what the
dense proxy took at full speed. A sample is one run of ${batch} images, on one thread; slower clocks by \`${emulation}\`. Of every cell
${processesMs.length} processes of their own, started after all ratios were chosen, took ${processesMs[0]!.length} samples each, cells in random order; in parentheses the
95 % interval of the median.`;
}

const latency = ({ p50Ms, p50LowMs, p50HighMs }: EmulatedCell): string =>
  `${p50Ms.toFixed(1)} (${p50LowMs.toFixed(1)} to ${p50HighMs.toFixed(1)})`;
