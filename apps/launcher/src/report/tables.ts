import {
  html,
  type Html,
  milliseconds,
  percent,
  ratioLabel,
  scrollingTable,
  squareMilliseconds,
  times,
  medianWithInterval,
} from '#pages';
import type { DemoReport, ReportPoint } from './report.schema.js';

/** Figures of the latency chart, with spread and variance below. */
export function latencyTable(report: DemoReport): Html {
  const { dense, calibrated } = report.stability;
  const rows = report.points.map(
    (p) =>
      html`<tr>
        <th scope="row">${p.operatingPoint}</th>
        <td>${ratioLabel(p.ratio)}</td>
        <td>${percent(p.accuracy)}</td>
        <td>${medianWithInterval(p.dense)}</td>
        <td>${medianWithInterval(p.calibrated)}</td>
        <td>${verdict(p)}</td>
      </tr>`,
  );
  const footer = (name: string, a: string, b: string) =>
    html`<tr>
      <th scope="row">${name}</th>
      <td></td>
      <td></td>
      <td>${a}</td>
      <td>${b}</td>
      <td></td>
    </tr>`;
  return scrollingTable(
    ['operating point', 'ratio', 'accuracy', 'dense p50', 'calibrated p50', 'within tolerance'],
    [
      ...rows,
      footer('spread (max/min)', times(dense.spread), times(calibrated.spread)),
      footer(
        'variance (ms²)',
        squareMilliseconds(dense.varianceMs2),
        squareMilliseconds(calibrated.varianceMs2),
      ),
    ],
    'Latency in ms with 95 % intervals of the median',
  );
}

function verdict(point: ReportPoint): Html {
  if (point.withinTolerance) return html`<span class="good">yes</span>`;
  return html`<span class="bad">no${point.feasible ? '' : ' (infeasible)'}</span>`;
}

export function accuracyTable(report: DemoReport): Html {
  const dense = report.version.ratios[0]!;
  const rows = report.version.ratios.map(
    (r) =>
      html`<tr>
        <th scope="row">${ratioLabel(r.ratio)}</th>
        <td>${percent(r.accuracy, 2)}</td>
        <td>${(r.macs / 1e6).toFixed(2)} M</td>
        <td>${percent(1 - r.macs / dense.macs)}</td>
        <td>${percent(1 - r.parameters / dense.parameters)}</td>
      </tr>`,
  );
  return scrollingTable(
    ['ratio', 'accuracy', 'MACs', 'MACs removed', 'parameters removed'],
    rows,
    'Every trained ratio',
  );
}

/** Operating points by ratios; the cells next to each choice are marked. */
export function profileTable(report: DemoReport): Html {
  const { cells } = report.profile;
  const ratios = [...new Set(cells.map((c) => c.ratio))].sort((a, b) => a - b);
  const rows = report.calibration.choices.map((choice) => {
    const nearest = nearestOf(ratios, choice.ratio);
    const row = ratios.map((ratio) => {
      const cell = cells.find((c) => c.operatingPoint === choice.operatingPoint && c.ratio === ratio);
      const text = cell ? milliseconds(cell.summary.p50Ms) : '–';
      return ratio === nearest ? html`<td class="chosen">${text}</td>` : html`<td>${text}</td>`;
    });
    return html`<tr>
      <th scope="row">${choice.operatingPoint}</th>
      ${row}
      <td>${ratioLabel(choice.ratio)}</td>
      <td>${milliseconds(choice.predictedMs)}</td>
    </tr>`;
  });
  const notes = report.calibration.choices.flatMap(({ operatingPoint, miss }) =>
    miss ? [html`<p class="note"><strong>${operatingPoint}</strong>: ${miss.message}</p>`] : [],
  );
  const head = ['operating point', ...ratios.map(ratioLabel), 'chosen', 'expected'];
  const caption = 'p50 in ms by pruning ratio; marked is the measured ratio nearest to the chosen one';
  return html`${scrollingTable(head, rows, caption)}${notes}`;
}

function nearestOf(values: readonly number[], wanted: number): number {
  return values.reduce((best, v) => (Math.abs(v - wanted) < Math.abs(best - wanted) ? v : best));
}

export function proxyTable(report: DemoReport): Html {
  const difference = (proxyMs: number, learnedMs: number) => {
    const share = learnedMs / proxyMs - 1;
    return `${share >= 0 ? '+' : '−'}${percent(Math.abs(share))}`;
  };
  const rows = report.points.map(
    (p) =>
      html`<tr>
        <th scope="row">${p.operatingPoint}</th>
        <td>${milliseconds(p.proxyMs.dense)}</td>
        <td>${milliseconds(p.dense.p50Ms)}</td>
        <td>${difference(p.proxyMs.dense, p.dense.p50Ms)}</td>
        <td>${ratioLabel(p.ratio)}</td>
        <td>${milliseconds(p.proxyMs.calibrated)}</td>
        <td>${milliseconds(p.calibrated.p50Ms)}</td>
        <td>${difference(p.proxyMs.calibrated, p.calibrated.p50Ms)}</td>
      </tr>`,
  );
  const head = [
    'operating point',
    'dense proxy',
    'dense trained',
    'off by',
    'ratio',
    'expected',
    'trained',
    'off by',
  ];
  return scrollingTable(head, rows, 'p50 in ms');
}
