import Table from 'cli-table3';
import type { StabilityReport } from '#contracts';
import type { CheckedReport } from '#registry';

const KINDS = {
  page: 'The page is as it was signed: every figure that it shows, and the report in it.',
  report: 'The report is as it was signed.',
  envelope: 'The envelope is as it was signed.',
} as const;

/** What was found to be signed, for people. */
export function checkedText({ kind, statement, key }: CheckedReport, bundleChecked: boolean): string {
  const { report, madeBy } = statement.predicate;
  const { model, version, device, bundle, stability, emulated } = report;
  return [
    `OK. ${KINDS[kind]}`,
    '',
    `Signed by     key ${key.kid ?? key.x}`,
    `Made by       ${madeBy.name} ${madeBy.version}`,
    `About         ${model} version ${version} on ${device.name} (${device.id})`,
    `Bundle        ${bundle.digest}${bundleChecked ? ', which the given file has' : ', not compared (--bundle does)'}`,
    `Deployment    ${report.deployment.id}, made ${report.deployment.createdAt}`,
    ...(report.dataset === undefined ? [] : [`Dataset       ${report.dataset.digest}`]),
    `Clocks        ${emulated ? 'EMULATED: CPU time was taken away from the measured process' : 'real'}`,
    `Spread        dense ${stability.dense.spread.toFixed(3)}, calibrated ${stability.calibrated.spread.toFixed(3)}`,
    '',
    pointTable(report),
  ].join('\n');
}

function pointTable({ points }: StabilityReport): string {
  const table = new Table({
    head: [
      'operating point',
      'ratio',
      'accuracy',
      'dense p50 (ms)',
      'calibrated p50 (ms)',
      '95 % interval',
      'samples',
      'held',
    ],
    style: { head: [], border: [], compact: true },
  });
  for (const { operatingPoint, ratio, accuracy, dense, calibrated, withinTolerance } of points) {
    table.push([
      ...[operatingPoint, String(ratio), accuracyText(accuracy), dense.p50Ms.toFixed(3)],
      ...[
        calibrated.p50Ms.toFixed(3),
        `${calibrated.p50LowMs.toFixed(3)}–${calibrated.p50HighMs.toFixed(3)}`,
      ],
      ...[String(calibrated.n), withinTolerance ? 'yes' : 'no'],
    ]);
  }
  return table.toString();
}

const accuracyText = (accuracy: number | undefined): string =>
  accuracy === undefined ? 'not measured' : `${(accuracy * 100).toFixed(2)} %`;
