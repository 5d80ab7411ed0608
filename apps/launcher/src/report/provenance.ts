import { networkLabel } from '#contracts';
import { disturbance, disturbances, temperature } from './conditions.js';
import { html, type Html, megabytes, percent, scrollingTable, seconds } from '#pages';
import type { DemoReport, MeasuredTableCell } from './report.schema.js';

type Fact = readonly [label: string, value: Html | string];

function facts(list: readonly Fact[]): Html {
  const entries = list.map(
    ([label, value]) =>
      html`<dt>${label}</dt>
        <dd>${value}</dd>`,
  );
  return html`<dl class="facts">${entries}</dl>`;
}

const code = (text: string) => html`<code>${text}</code>`;

/** Where every figure came from. */
export function provenanceSection(report: DemoReport): Html {
  const { machine, dataset, version, training, device } = report;
  const { executor } = version.training;
  return html`<section aria-labelledby="provenance">
    <h2 id="provenance">Where the figures come from</h2>
    ${facts([
      ['Clocks', clocks(report)],
      ['Disturbances', disturbances(cellsOf(report))],
      [
        'Device',
        `${device.name}: ${machine.cpuModel}, ${machine.cores} cores, ${machine.platform} ${machine.arch}`,
      ],
      ['Operating points', device.operatingPoints.map(describePoint).join('; ')],
      [
        'Dataset',
        html`${dataset.name}, digest ${code(dataset.digest)}; trained on ${version.training.trainImages},
        tested on ${version.training.testImages} images`,
      ],
      ['Network', `${networkLabel(version.network)}, ${version.classes} classes`],
      [
        'Training',
        `epochs: ${training.warmupEpochs} warm-up, ${training.maskEpochs} mask, ${training.jointEpochs} joint; batch ${training.batchSize}; seed ${training.seed}; ${seconds(version.training.trainingSeconds)}`,
      ],
      [
        'Trained by',
        `${executor.name} ${executor.version} (${executor.provider}), ${executor.threads} threads, ${executor.cpuModel}`,
      ],
      ['Bundle', html`${megabytes(version.bundle.bytes)}, digest ${code(version.bundle.digest)}`],
      ['Job', code(report.jobId)],
      ['Queue', report.queue],
      [
        'Versions',
        Object.entries(report.versions)
          .map(([name, v]) => `${name} ${v}`)
          .join(', '),
      ],
      ['Command', code(report.command)],
    ])}
    ${cellDetails('Every cell measured before training', report.profile.cells)}
    ${cellDetails('Every cell measured after training', verifiedCells(report))}
  </section>`;
}

function clocks(report: DemoReport): Html | string {
  const controllers = [...new Set(cellsOf(report).map((c) => c.provenance.clockController))].join(', ');
  return report.emulated
    ? html`<strong>EMULATED</strong>: CPU time taken away from the measured process (${controllers})`
    : `set through ${controllers} and read back`;
}

const verifiedCells = ({ verification, adjustments }: DemoReport) =>
  [verification, ...adjustments].flatMap(({ cells }) => cells);
const cellsOf = (report: DemoReport) => [...report.profile.cells, ...verifiedCells(report)];

function describePoint(point: DemoReport['device']['operatingPoints'][number]): string {
  const parts = [
    point.cpuHz && `CPU ${(point.cpuHz / 1e6).toFixed(0)} MHz`,
    point.gpuHz && `GPU ${(point.gpuHz / 1e6).toFixed(0)} MHz`,
    point.memHz && `memory ${(point.memHz / 1e6).toFixed(0)} MHz`,
    point.emulatedCpuShare && `${percent(point.emulatedCpuShare, 0)} of the CPU time`,
  ];
  return `${point.name} = ${parts.filter(Boolean).join(', ')}`;
}

function cellDetails(title: string, cells: readonly MeasuredTableCell[]): Html {
  const rows = cells.map(
    ({ operatingPoint, ratio, summary, provenance: p }) =>
      html`<tr>
        <th scope="row">${operatingPoint}</th>
        <td>${ratio}</td>
        <td>${summary.p50Ms.toFixed(2)}</td>
        <td>${summary.p90Ms.toFixed(2)}</td>
        <td>${summary.stdMs.toFixed(2)}</td>
        <td>${summary.n} x ${p.runsPerSample}</td>
        <td>${p.emulated ? 'EMULATED' : 'real'}, ${p.clockController}</td>
        <td>${disturbance(p)}</td>
        <td>${temperature(p)}</td>
        <td>${p.runner} ${p.runnerVersion}, ${p.threads} thread(s), batch ${p.batch}</td>
        <td>${p.measuredAt}</td>
        <td>${code(p.networkDigest.slice(0, 12))}</td>
      </tr>`,
  );
  const head = [
    'operating point',
    'ratio',
    'p50 ms',
    'p90 ms',
    'std ms',
    'samples x runs',
    'clock',
    'disturbance',
    'temperature °C',
    'runner',
    'measured at',
    'network',
  ];
  return html`<details>
    <summary>${title} (${cells.length})</summary>
    ${scrollingTable(head, rows)}
  </details>`;
}

export function timingSection(report: DemoReport): Html {
  const total = report.timings.reduce((sum, t) => sum + t.seconds, 0);
  const rows = report.timings.map((t): Fact => [t.step, seconds(t.seconds)]);
  return html`<section aria-labelledby="timing">
    <h2 id="timing">How long it took</h2>
    ${facts([...rows, ['in all', seconds(total)]])}
  </section>`;
}
