import Table from 'cli-table3';
import type { PlannedLayer, PruningPlan } from './pruning-plan.js';

/** The plan for people: channels of every layer, and what each ratio costs. */
export function planText(plan: PruningPlan): string {
  const { network, input, classes, groups, notes } = plan;
  const size = `${input.channels}x${input.height}x${input.width}`;
  return [
    `${network}: images of ${size}, ${classes} classes, ${groups.length} channel groups`,
    howChosen(plan),
    '',
    'Channels of every convolution, dense layer and concatenation, and its MACs in the dense network:',
    layerTable(plan),
    '',
    'What each ratio keeps:',
    ratioTable(plan),
    ...notes.map((note) => `\nNote: ${note}.`),
  ].join('\n');
}

function howChosen({ widths, constraints }: PruningPlan): string {
  if (widths === 'learned') return 'The widths are those that training learned.';
  const rules = constraints
    ? ` (at least ${constraints.minChannels}, in multiples of ${constraints.channelMultiple})`
    : '';
  return (
    `There is no mask yet: every group keeps the same share of its channels${rules}.\n` +
    'Training learns other widths of the same MACs; latency may differ between the two.'
  );
}

function layerTable({ layers, ratios }: PruningPlan): string {
  const head = ['layer', 'kind', 'group', 'MACs', ...ratios.map(({ ratio }) => `at ${ratio}`)];
  const rows = layers.map((layer) => [
    ...[layer.name, layer.kind, groupsOf(layer), count(layer.macs)],
    ...layer.channels.map(String),
  ]);
  return table(head, rows, 3);
}

function groupsOf({ segments, kind }: PlannedLayer): string {
  const fixed = kind === 'dense' ? 'none: classes' : 'none: unpruned';
  const names = segments.map(({ group }) => group ?? fixed);
  return names.length <= 3 ? names.join(' + ') : `${names[0]} + ${names.length - 1} more`;
}

function ratioTable({ ratios }: PruningPlan): string {
  const thresholds = ratios.some(({ threshold }) => threshold !== undefined);
  const head = [
    'ratio',
    'MACs',
    'MACs removed',
    'parameters',
    'parameters removed',
    ...(thresholds ? ['threshold'] : []),
  ];
  const rows = ratios.map(({ ratio, macs, macsRemoved, parameters, parametersRemoved, threshold }) => [
    ...[String(ratio), count(macs), percent(macsRemoved), count(parameters), percent(parametersRemoved)],
    ...(thresholds ? [threshold?.toPrecision(4) ?? ''] : []),
  ]);
  return table(head, rows, 1);
}

/** Columns from `firstNumber` on are numbers. */
function table(head: string[], rows: string[][], firstNumber: number): string {
  const colAligns = head.map((_, column) => (column < firstNumber ? 'left' : 'right'));
  const drawn = new Table({ head, colAligns, style: { head: [], border: [], compact: true } });
  drawn.push(...rows);
  return drawn.toString();
}

const count = (value: number): string => value.toLocaleString('en-US');
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
