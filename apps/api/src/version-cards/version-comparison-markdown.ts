import type { ComparedDevice, ComparedPoint, ComparedRatio, VersionComparison } from '#contracts';
import { markdownTable } from '../markdown-table.js';
import { markdownText } from '../markdown-text.js';
import { grouped, intervalText, ms, percentOf, signed } from './markdown-figures.js';

/** Versions side by side as a page that people read. */
export function versionComparisonMarkdown(comparison: VersionComparison): string {
  const { versions, ratios, devices, settings, notes } = comparison;
  const names = versions.map(({ model, version }) => `${model}/${version}`);
  const ratioRows = (of: (entry: RatioEntry) => string) =>
    ratios.map(({ ratio, entries }) => [String(ratio), ...cells(entries, of)]);
  return [
    `# Versions side by side: ${names.join(', ')}`,
    notes.map((note) => `- ${markdownText(note)}`).join('\n'),
    markdownTable(['', ...names], versionRows(comparison)),
    '## Accuracy',
    `Top-1 in per cent; in brackets the points above or below ${names[0]}. A star marks ratios that were not trained.`,
    markdownTable(['ratio', ...names], ratioRows(accuracyText)),
    'What is left of the network, MACs / parameters:',
    markdownTable(
      ['ratio', ...names],
      ratioRows(({ macs, parameters }) => `${grouped(macs)} / ${grouped(parameters)}`),
    ),
    ...devices.flatMap((device) => deviceSection(device, names)),
    ...(settings.length === 0
      ? ['All settings of the trainings are the same.']
      : ['## Settings that differ', markdownTable(['setting', ...names], settingRows(comparison))]),
    '',
  ].join('\n\n');
}

type RatioEntry = NonNullable<ComparedRatio['entries'][number]>;
type PointEntry = NonNullable<ComparedPoint['entries'][number]>;

const cells = <T>(entries: readonly (T | null)[], of: (entry: T) => string): string[] =>
  entries.map((entry) => (entry === null ? '' : of(entry)));

function versionRows({ versions }: VersionComparison): string[][] {
  return [
    ['network', ...versions.map(({ network }) => markdownText(network))],
    ['bundle, bytes', ...versions.map(({ bundle }) => grouped(bundle.bytes))],
    ['bundle, SHA-256', ...versions.map(({ bundle }) => short(bundle.digest))],
    [
      'data, SHA-256',
      ...versions.map(({ datasetDigest }) => (datasetDigest ? short(datasetDigest) : 'not known')),
    ],
    ['test images', ...versions.map(({ testImages }) => (testImages ? grouped(testImages) : 'not known'))],
    ['published', ...versions.map(({ createdAt }) => createdAt)],
    ['by', ...versions.map(({ owner }) => markdownText(owner))],
  ];
}

const short = (digest: string): string => `\`${digest.slice(0, 12)}…\``;

function accuracyText({ accuracy, accuracyDifference, derived }: RatioEntry): string {
  const star = derived ? ' *' : '';
  if (accuracy === undefined) return `not measured${star}`;
  const difference = accuracyDifference === undefined ? '' : ` (${signed(accuracyDifference * 100, 2)})`;
  return `${percentOf(accuracy)}${difference}${star}`;
}

function deviceSection(
  { deviceName, deployments, points }: ComparedDevice,
  names: readonly string[],
): string[] {
  const rowsOf = (of: (entry: PointEntry) => string) =>
    points.map(({ operatingPoint, entries }) => [markdownText(operatingPoint), ...cells(entries, of)]);
  const head = ['operating point', ...names];
  return [
    `## Latency on ${markdownText(deviceName)}`,
    `Median of one run in milliseconds with its 95 % interval, at the ratio that the version runs there; in brackets the ` +
      'difference to the first version that has the point, with a ≈ where the intervals overlap.',
    markdownTable(head, rowsOf(latencyText)),
    'Ratio / accuracy in per cent:',
    markdownTable(
      head,
      rowsOf(({ ratio, accuracy }) => `${ratio} / ${percentOf(accuracy)}`),
    ),
    markdownTable(
      ['', ...names],
      [
        ['target, ms', ...cells(deployments, ({ targetMs }) => ms(targetMs))],
        ['spread, dense', ...cells(deployments, ({ stability }) => stability.dense.spread.toFixed(2))],
        [
          'spread, calibrated',
          ...cells(deployments, ({ stability }) => stability.calibrated.spread.toFixed(2)),
        ],
        [
          'variance, calibrated, ms²',
          ...cells(deployments, ({ stability }) => stability.calibrated.varianceMs2.toPrecision(3)),
        ],
        ['clocks', ...cells(deployments, ({ emulated }) => (emulated ? 'EMULATED' : 'real'))],
      ],
    ),
  ];
}

function latencyText(entry: PointEntry): string {
  const { differenceMs, intervalsOverlap } = entry;
  const difference =
    differenceMs === undefined ? '' : ` (${intervalsOverlap ? '≈ ' : ''}${signed(differenceMs, 2)})`;
  return `${intervalText(entry)}${difference}`;
}

function settingRows({ settings }: VersionComparison): string[][] {
  return settings.map(({ setting, values }) => [
    setting,
    ...values.map((value) => (value === null ? '' : `\`${JSON.stringify(value).replaceAll('|', '/')}\``)),
  ]);
}
