import type { MethodResult } from '#contracts';
import { markdownTable } from '../markdown-table.js';
import type { JobComparison } from './job-comparison.js';

type RatioEntry = MethodResult['ratios'][number];

/** A comparison as a page that people read. */
export function comparisonMarkdown({ job, candidate, comparison }: JobComparison): string {
  const { methods } = comparison;
  const [own] = methods;
  const ratios = [...new Set(methods.flatMap((method) => method.ratios.map(({ ratio }) => ratio)))];
  const rowsOf = (of: typeof cells) =>
    ratios.sort((a, b) => a - b).map((ratio) => [nameOf(methods, ratio), ...of(methods, ratio)]);
  const costs = methods.map(({ method, trainingMacs, trainingSeconds }) => [
    method,
    trainingMacs.toExponential(3),
    `${(trainingMacs / own!.trainingMacs).toFixed(2)}x`,
    `${trainingSeconds.toFixed(0)} s`,
  ]);
  return [
    `# Methods side by side: ${job.model}`,
    `Job ${job.id}: accuracy in percent on ${candidate.testImages} test images after training on ` +
      `${candidate.trainImages}, seed ${candidate.seed}; in brackets the points above or below ${own!.method}. A star ` +
      'marks ratios that were not trained.',
    markdownTable(['ratio', ...methods.map(({ method }) => method)], rowsOf(cells)),
    'What is left of the network, MACs / parameters:',
    markdownTable(['ratio', ...methods.map(({ method }) => method)], rowsOf(sizes)),
    `All methods trained for ${epochsOf(job)} epochs, from the same seed on the same batches:`,
    markdownTable(['method', 'training MACs', `over ${own!.method}`, 'time'], costs),
    ...failures(methods),
    'One seed shows no significance: differences of some tenths of a point are within what another seed changes.',
    '',
  ].join('\n\n');
}

function failures(methods: readonly MethodResult[]): string[] {
  const lines = methods.flatMap(({ method, failure }) => (failure ? `- ${method}, ${failure}` : []));
  return lines.length === 0 ? [] : ['What ended early, and is missing above:', lines.join('\n')];
}

/** One cell of a ratio's row for every method. */
function cells(methods: readonly MethodResult[], ratio: number): string[] {
  const own = entryOf(methods[0]!, ratio);
  return methods.map((method, index) => {
    const entry = entryOf(method, ratio);
    if (entry === undefined) return '';
    const percent = (entry.accuracy * 100).toFixed(2);
    if (index === 0 || own === undefined) return percent;
    const points = (entry.accuracy - own.accuracy) * 100;
    return `${percent} (${points < 0 ? '' : '+'}${points.toFixed(2)})`;
  });
}

/** The same of what a network has. */
function sizes(methods: readonly MethodResult[], ratio: number): string[] {
  return methods.map((method) => {
    const entry = entryOf(method, ratio);
    return entry === undefined ? '' : `${grouped(entry.macs)} / ${grouped(entry.parameters)}`;
  });
}

const grouped = (count: number): string => count.toLocaleString('en');

const entryOf = ({ ratios }: MethodResult, ratio: number): RatioEntry | undefined =>
  ratios.find((entry) => entry.ratio === ratio);

const nameOf = (methods: readonly MethodResult[], ratio: number): string =>
  methods.some((method) => entryOf(method, ratio)?.derived) ? `${ratio} *` : String(ratio);

function epochsOf({ spec: { training } }: JobComparison['job']): number {
  return training.warmupEpochs + training.maskEpochs + training.jointEpochs;
}
