import type { AccuracyDetail, CostDetail } from '../accuracy/accuracy-rows.js';
import type { AccuracyBenchSettings } from '../accuracy/bench-settings.js';
import { CLAIMS, type SeedsDetail, type WorstRatioDetail } from '../accuracy/claims.js';
import type { BenchFile, BenchRow, RunFailure } from '../benchmark.js';
import { aimOf, isMet, missingSeeds, mustLandOf } from '../goals.js';
import { markdownTable } from './markdown-table.js';
import { provenanceTable } from './provenance-table.js';

/** The document's part about what `npm run bench -- accuracy --json FILE` wrote. */
export function accuracySection(file: BenchFile): string {
  const { rows, failed = [] } = file;
  const settings = file.settings as unknown as AccuracyBenchSettings;
  const accuracies = detailsOf<AccuracyDetail>(rows, 'accuracy');
  return [
    '## Accuracy',
    provenanceTable(file, provenanceOf(settings)),
    '### What is wanted of the method and what is there',
    claims(rows),
    ...missingClaims(rows),
    howToRead(settings),
    ...failedPart(failed),
    '### Accuracy by method and ratio',
    'Percent of the test images, mean ± standard deviation over the seeds.',
    byRatio(accuracies.filter(({ trained }) => trained)),
    ...untrainedPart(accuracies.filter(({ trained }) => !trained)),
    '### What trainings took',
    'Trainings ran at different times beside other work, so only the fastest seed of a method says how long one takes.',
    costs(rows),
    '### Every seed',
    'Percent of the test images at the final epoch.',
    bySeed(accuracies.map((each) => ({ ...each, name: label(each) }))),
    'The claims of every seed; those that are about the worst ratio have a line for each of them.',
    bySeed(claimsBySeed(rows)),
    '### Subnets',
    subnets(accuracies),
    '### Options',
    options(settings),
    REPEAT,
  ].join('\n\n');
}

const REPEAT = `### To repeat it

\`npm run bench -- accuracy --json FILE\`, about three hours on two cores; the images are those of Debian's package dataset-fashion-mnist (\`apt-get install
dataset-fashion-mnist\`), PyTorch is found as for the engine. Finished trainings are kept in \`var/bench/accuracy\` (or where
\`--folder\` says) and not made again while nothing changes that their figures depend on, Isochron's own code among it: a
benchmark that was interrupted keeps the trainings that were finished, and those that were not begin anew. \`--seeds\`,
\`--peer-seeds\` and \`--jobs\` say how many there are, and how many run at once.`;

function howToRead({ network, dataset, ratios }: AccuracyBenchSettings): string {
  return `ResNet-${network.depth} of the usual widths${network.widthMultiplier === 1 ? '' : ` times ${network.widthMultiplier}`}, the first ${dataset.trainImages} training images of ${dataset.name}, accuracy on ${dataset.testImages}
test images after the last epoch; no epoch is chosen by what it got right. The ratios (${ratios.join(', ')}) are shares of the
dense network's MACs that are left out. \`all-in-one\` is Isochron's method; \`uniform-slimmable\` trains the same way with
widths that are the same share of every layer; \`independent\` trains one network for each ratio, that of ratio 0 being the
dense network; \`pytorch-usnet\` is a training like \`uniform-slimmable\` that shares no code with Isochron. Differences are
paired: both methods have the same seed (PyTorch draws other numbers from it), and the interval is Student's, which covers the mean over all seeds 95 times in 100.
Points are percent of the test images. A worst ratio is the one whose mean over the seeds is worst (farthest from zero where
the figure should be near zero); it is chosen after looking, so the interval beside it is that of the chosen ratio. A figure
over fewer seeds than were asked for is not met.
\`untrained_ratio_error_points\` is about ratios that nothing was trained for: how far their accuracy is under the straight
line between those of their trained neighbours. \`bundle_bytes_over_dense\` is the size of the one file for all ratios of an
untrained ResNet-20 over that of the dense network's parameters as float32.`;
}

function provenanceOf({
  code,
  dataset,
  engine,
  cpuClass,
  jobs,
}: AccuracyBenchSettings): Record<string, string> {
  return {
    code: code.slice(0, 16),
    dataset: `${dataset.name}, ${dataset.digest.slice(0, 16)}`,
    engine: `${engine.name} ${engine.version}, ${engine.provider}, threads: ${engine.threads}`,
    'trainings at once': String(jobs),
    'class of the CPU': cpuClass,
  };
}

function claims(rows: readonly BenchRow[]): string {
  const cells = rows.flatMap((row) => {
    const { name, value, unit, interval, goal, detail } = row;
    if (!goal) return [];
    const seeds = 'seeds' in detail ? seedCount(detail as unknown as SeedsDetail) : '';
    const ends = interval ? interval.map((end) => figure(end, unit)).join(' to ') : '';
    const where = detail['kind'] === 'worst-ratio' ? ` at ratio ${String(detail['ratio'])}` : '';
    const verdict = isMet(goal, row) ? 'yes' : `no${missingSeeds(row)}`;
    return [
      [`\`${name}\``, `${figure(value, unit)}${where}`, ends, seeds, mustLandOf(goal), aimOf(goal), verdict],
    ];
  });
  return markdownTable(['figure', 'measured', '95 % interval', 'seeds', 'must be', 'aim', 'met'], cells);
}

function missingClaims(rows: readonly BenchRow[]): string[] {
  const missing = CLAIMS.filter((claim) => rows.every(({ name }) => name !== claim));
  if (missing.length === 0) return [];
  return [`Not measured, so not met: ${missing.map((name) => `\`${name}\``).join(', ')}.`];
}

const seedCount = ({ seeds, seedsAsked }: SeedsDetail): string =>
  seeds.length === seedsAsked ? String(seedsAsked) : `${seeds.length} of ${seedsAsked}`;

function failedPart(failed: readonly RunFailure[]): string[] {
  if (failed.length === 0) return [];
  const cells = failed.map(({ method, seed, message }) => [
    `\`${method}\``,
    String(seed),
    message.split('\n')[0]!,
  ]);
  return ['### Runs that failed', markdownTable(['method', 'seed', 'why'], cells)];
}

function byRatio(accuracies: readonly AccuracyDetail[]): string {
  const ratios = [...new Set(accuracies.map(({ ratio }) => ratio))].sort((a, b) => a - b);
  const methods = [...new Set(accuracies.map(({ method }) => method))];
  const cells = methods.map((method) => {
    const own = accuracies.filter((each) => each.method === method);
    const cellOf = (ratio: number) => {
      const found = own.find((each) => each.ratio === ratio);
      return found ? meanAndDeviation(found) : '';
    };
    return [`\`${method}\``, ...ratios.map(cellOf), String(own[0]!.seeds.length)];
  });
  return markdownTable(['method', ...ratios.map((ratio) => `ratio ${ratio}`), 'seeds'], cells);
}

function untrainedPart(untrained: readonly AccuracyDetail[]): string[] {
  if (untrained.length === 0) return [];
  return ['Ratios that were only solved and recalibrated after training:', byRatio(untrained)];
}

function costs(rows: readonly BenchRow[]): string {
  const cells = rows.flatMap(({ value, detail }) => {
    if (detail['kind'] !== 'cost') return [];
    const { method, epochs, secondsBySeed } = detail as unknown as CostDetail;
    const minutes = Math.min(...secondsBySeed) / 60;
    return [[`\`${method}\``, String(epochs), (value / 1e12).toPrecision(3), minutes.toFixed(1)]];
  });
  return markdownTable(
    ['method', 'epochs', 'training MACs per seed, 10^12', 'minutes of the fastest seed'],
    cells,
  );
}

interface SeedLine {
  readonly name: string;
  readonly seeds: readonly number[];
  readonly bySeed: readonly number[];
}

function claimsBySeed(rows: readonly BenchRow[]): SeedLine[] {
  return rows.flatMap(({ name, detail }): SeedLine[] => {
    if (detail['kind'] === 'seeds') return [{ ...(detail as unknown as SeedsDetail), name: `\`${name}\`` }];
    if (detail['kind'] !== 'worst-ratio') return [];
    const { byRatio: lines } = detail as unknown as WorstRatioDetail;
    return lines.map((line) => ({ ...line, name: `\`${name}\`, ratio ${line.ratio}` }));
  });
}

/** A line each, a column for each seed. */
function bySeed(lines: readonly SeedLine[]): string {
  const seeds = [...new Set(lines.flatMap((line) => line.seeds))].sort((a, b) => a - b);
  const cells = lines.map((line) => [
    line.name,
    ...seeds.map((seed) => {
      const value = line.bySeed[line.seeds.indexOf(seed)];
      return value === undefined ? '' : twoDecimals(value);
    }),
  ]);
  return markdownTable(['', ...seeds.map((seed) => `seed ${seed}`)], cells);
}

function subnets(accuracies: readonly AccuracyDetail[]): string {
  const cells = accuracies.map((each) => [
    label(each),
    (each.macs / 1e6).toFixed(3),
    each.parameters === undefined ? '' : (each.parameters / 1e3).toFixed(1),
  ]);
  return markdownTable(['subnet', 'MACs, millions', 'parameters, thousands'], cells);
}

function options({ options: byMethod }: AccuracyBenchSettings): string {
  const methods = Object.entries<object>(byMethod);
  const names = [...new Set(methods.flatMap(([, own]) => Object.keys(own)))].sort();
  const cells = names.map((name) => [
    `\`${name}\``,
    ...methods.map(([, own]) => JSON.stringify((own as Record<string, unknown>)[name]) ?? ''),
  ]);
  return markdownTable(['option', ...methods.map(([method]) => `\`${method}\``)], cells);
}

const label = ({ method, ratio, trained }: AccuracyDetail): string =>
  `\`${method}\`, ratio ${ratio}${trained ? '' : ', untrained'}`;

const meanAndDeviation = ({ mean, standardDeviation }: AccuracyDetail): string =>
  standardDeviation === undefined ? mean.toFixed(2) : `${mean.toFixed(2)} ± ${standardDeviation.toFixed(2)}`;

/** Differences have a sign. */
function figure(value: number, unit: string): string {
  if (unit !== 'points') return value.toPrecision(3);
  const text = twoDecimals(value);
  return Number(text) > 0 ? `+${text}` : text;
}

/** Never as -0.00. */
const twoDecimals = (value: number): string => value.toFixed(2).replace(/^-(?=0\.00$)/, '');

const detailsOf = <Detail>(rows: readonly BenchRow[], kind: string): Detail[] =>
  rows.filter(({ detail }) => detail['kind'] === kind).map(({ detail }) => detail as Detail);
