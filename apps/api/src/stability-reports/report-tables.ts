import type { OperatingPoint, ReportedLatency, ReportedPoint, StabilityReport } from '#contracts';
import {
  html,
  percent,
  ratioLabel,
  scrollingTable,
  squareMilliseconds,
  times,
  type Html,
  medianWithInterval,
} from '#pages';

function row(name: string, values: readonly (Html | string)[]): Html {
  return html`<tr>
    <th scope="row">${name}</th>
    ${values.map((value) => html`<td>${value}</td>`)}
  </tr>`;
}

/** What was chosen for each operating point and what came of it, with spread and variance below. */
export function pointTable({ points, stability: { dense, calibrated } }: StabilityReport): Html {
  const rows = points.map((point) =>
    row(point.operatingPoint, [
      ratioLabel(point.ratio),
      point.accuracy === undefined ? 'not measured' : percent(point.accuracy),
      medianWithInterval(point.dense),
      medianWithInterval(point.calibrated),
      verdict(point),
    ]),
  );
  const below = (name: string, a: string, b: string) => row(name, ['', '', a, b, '']);
  return scrollingTable(
    ['operating point', 'ratio', 'accuracy', 'dense p50', 'calibrated p50', 'held'],
    [
      ...rows,
      below('spread (max/min)', times(dense.spread), times(calibrated.spread)),
      below('coefficient of variation', percent(dense.cov), percent(calibrated.cov)),
      below(
        'variance (ms²)',
        squareMilliseconds(dense.varianceMs2),
        squareMilliseconds(calibrated.varianceMs2),
      ),
    ],
    'p50 in ms of one run with the 95 % interval of the median',
  );
}

function verdict({ withinTolerance, feasible }: ReportedPoint): Html {
  if (withinTolerance) return html`<span class="good">yes</span>`;
  return html`<span class="bad">no</span>${feasible ? '' : ', as foretold'}`;
}

/** Every measurement behind the figures. */
export function measurementTable({ points }: StabilityReport): Html {
  const rows = points.flatMap((point) => [
    measurement(point, 'dense', point.dense),
    ...(point.ratio === 0 ? [] : [measurement(point, ratioLabel(point.ratio), point.calibrated)]),
  ]);
  const head = [
    ...[
      'operating point',
      'ratio',
      'p50',
      'p90',
      'p99',
      'mean',
      'std. dev.',
      'samples',
      'clock',
      'disturbances',
    ],
    ...['runtime', 'machine', 'agent', 'measured at', 'network, SHA-256'],
  ];
  return scrollingTable(head, rows, 'Latency in ms of one run');
}

function measurement({ operatingPoint, clocks }: ReportedPoint, ratio: string, of: ReportedLatency): Html {
  const figures = [of.p50Ms, of.p90Ms, of.p99Ms, of.meanMs, of.stdMs].map((ms) => ms.toFixed(3));
  return row(operatingPoint, [ratio, ...figures, ...provenance(of, clocks)]);
}

function provenance(
  { n, cell, onnxDigest }: ReportedLatency,
  clocks: OperatingPoint | undefined,
): (Html | string)[] {
  const digest = onnxDigest === undefined ? '–' : html`<code>${onnxDigest}</code>`;
  const at = clocksText(clocks);
  if (cell === undefined) return [String(n), at, 'the latency table is gone', '–', '–', '–', '–', digest];
  const { provenance: p } = cell;
  const runner = `${p.runner ?? '–'} ${p.runnerVersion ?? ''}, ${p.threads ?? '?'} thread(s), batch ${p.batch ?? '?'}`;
  if (!('machine' in p)) {
    return [String(n), at, `imported from ${p.file}`, runner, '–', '–', p.measuredAt ?? '–', digest];
  }
  const { machine } = p;
  return [
    `${n} x ${p.runsPerSample}`,
    `${at}, ${p.emulated ? 'EMULATED' : 'real'} (${p.clockController})`,
    disturbances(p),
    runner,
    `${machine.cpuModel}, ${machine.cores} cores, ${machine.platform} ${machine.arch}`,
    p.agentVersion,
    p.measuredAt,
    digest,
  ];
}

function disturbances({
  throttled,
  drift,
}: {
  throttled?: boolean | undefined;
  drift?: number | undefined;
}): Html | string {
  const found = [
    ...(throttled === true ? ['throttled'] : []),
    ...(drift === undefined ? [] : [`drifted by ${percent(drift)}`]),
  ];
  if (found.length > 0) return html`<span class="bad">${found.join(', ')}</span>`;
  return throttled === undefined ? 'throttling unknown' : 'none';
}

function clocksText(clocks: OperatingPoint | undefined): string {
  if (clocks === undefined) return 'not known';
  const { cpuHz, gpuHz, memHz, emulatedCpuShare } = clocks;
  const hertz = Object.entries({ CPU: cpuHz, GPU: gpuHz, memory: memHz }).filter(
    ([, hz]) => hz !== undefined,
  );
  return [
    ...hertz.map(([name, hz]) => `${name} ${(hz! / 1e6).toFixed(0)} MHz`),
    ...(emulatedCpuShare === undefined ? [] : [`${percent(emulatedCpuShare, 0)} of the CPU time`]),
  ].join(', ');
}
