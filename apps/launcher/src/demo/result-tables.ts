import Table from 'cli-table3';
import type { Calibration } from '#contracts';
import { milliseconds, percent, ratioLabel, squareMilliseconds, times } from '#pages';
import type { DemoReport } from '../report/report.schema.js';

type Align = 'left' | 'right';

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const colAligns: Align[] = head.map((_, i) => (i === 0 ? 'left' : 'right'));
  const drawn = new Table({ head: [...head], colAligns, style: { head: [], border: [] } });
  for (const row of rows) drawn.push([...row]);
  return drawn.toString();
}

/** Which ratio the calibration chose for every operating point, and what it expects of it. */
export function calibrationTable(calibration: Calibration): string {
  const rows = calibration.choices.map((c) => [
    c.operatingPoint,
    `${milliseconds(c.denseMs)} ms`,
    ratioLabel(c.ratio),
    `${milliseconds(c.predictedMs)} ms`,
    c.feasible ? 'yes' : 'no',
  ]);
  const notes = calibration.choices.flatMap((c) =>
    c.miss === undefined ? [] : [`${c.operatingPoint}: ${c.miss.message}`],
  );
  const head = [
    'operating point',
    'dense proxy p50',
    'chosen ratio',
    'expected p50',
    `within ${percent(calibration.tolerance, 0)}`,
  ];
  return [table(head, rows), ...notes].join('\n');
}

/** The demo's result: dense against calibrated at every operating point, and how steady each is. */
export function resultTable(report: DemoReport): string {
  const rows = report.points.map((p) => [
    p.operatingPoint,
    ratioLabel(p.ratio),
    percent(p.accuracy),
    `${milliseconds(p.dense.p50Ms)} ms`,
    `${milliseconds(p.calibrated.p50Ms)} ms`,
  ]);
  const { dense, calibrated } = report.stability;
  return table(
    ['operating point', 'ratio', 'accuracy', 'dense p50', 'calibrated p50'],
    [
      ...rows,
      ['spread (max/min)', '', '', times(dense.spread), times(calibrated.spread)],
      [
        'variance (ms²)',
        '',
        '',
        squareMilliseconds(dense.varianceMs2),
        squareMilliseconds(calibrated.varianceMs2),
      ],
    ],
  );
}
