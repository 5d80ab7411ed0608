import { networkLabel, type CardDeployment, type ModelCard } from '#contracts';
import { markdownQuote, markdownText } from '../markdown-text.js';
import { markdownTable } from '../markdown-table.js';
import { frontMatter } from './front-matter.js';
import { latencyOrigins } from './latency-origins.js';
import { grouped, intervalText, ms, percentOf, yesOrNo } from './markdown-figures.js';

/** A card as a page that people read, with the head that model hubs read. */
export function cardMarkdown(card: ModelCard): string {
  return [
    frontMatter(card),
    `# ${card.model}, version ${card.version}`,
    ...details(card),
    ...uses(card),
    '## Limits',
    card.limits.map((limit) => `- ${markdownText(limit)}`).join('\n'),
    ...trainingData(card),
    ...procedure(card),
    ...accuracy(card),
    ...(card.deployments.length > 0 ? ['## Latency'] : []),
    ...card.deployments.flatMap(latency),
    ...gettingStarted(card),
    '',
  ].join('\n\n');
}

type Fact = readonly [name: string, value: string | number | undefined];

/** What is not known has no line. */
function facts(list: readonly Fact[]): string {
  const known = list.filter(([, value]) => value !== undefined && value !== '');
  return known.map(([name, value]) => `- **${name}:** ${value}`).join('\n');
}

const code = (text: string): string => `\`${text}\``;

function details({ network, input, classes, bundle, createdAt, owner, tags, ratios }: ModelCard): string[] {
  const size = `${input.channels}x${input.height}x${input.width}`;
  const named = Object.entries(tags).map(([key, value]) => markdownText(`${key}: ${value}`));
  return [
    '## Model details',
    `One set of weights for ${ratios.length} pruning ratios: at each operating point of a device, the ratio that keeps ` +
      'latency the same is run. A ratio is the share of the multiply-accumulates (MACs) of the dense network that is removed.',
    facts([
      ['Kind', 'image classification'],
      ['Network', markdownText(networkLabel(network))],
      ['Input', `${size} images`],
      ['Classes', classes],
      ['Bundle', `${grouped(bundle.bytes)} bytes, SHA-256 ${code(bundle.digest)}`],
      ['Published', `${createdAt} by ${markdownText(owner)}`],
      ['Tags', named.join(', ')],
    ]),
  ];
}

function uses({ description }: ModelCard): string[] {
  return ['## Intended use', description === undefined ? 'Not stated.' : markdownQuote(description)];
}

function trainingData({ dataset, training }: ModelCard): string[] {
  if (dataset === undefined) return ['## Training data', 'Not known.'];
  const { name, digest, format, split, trainImages, testImages, classNames, classCounts } = dataset;
  const counts = classNames?.map((label, i) => `${markdownText(label)} (${grouped(classCounts?.[i] ?? 0)})`);
  return [
    '## Training data',
    facts([
      ['Dataset', name === undefined ? 'deleted since' : markdownText(name)],
      ['Digest', code(digest)],
      ['Format', format],
      ['Images', trainImages && `${grouped(trainImages)} to train, ${grouped(testImages ?? 0)} to test`],
      ['Used', used(training)],
      ['Split', split && (split.kind === 'given' ? 'as the files say' : `by chance, seed ${split.seed}`)],
      ['Classes, with training images', counts?.join(', ')],
    ]),
  ];
}

function used({ trainImages, testImages }: ModelCard['training']): string | undefined {
  if (trainImages === undefined || testImages === undefined) return undefined;
  return `${grouped(trainImages)} to train, ${grouped(testImages)} to test`;
}

function procedure({ training }: ModelCard): string[] {
  const { options, schedule, executor, seed, isochronVersion, trainingSeconds, trainingMacs } = training;
  const { parent, jobId } = training;
  return [
    '## Training procedure',
    facts([
      ['Job', jobId === undefined ? 'none: the bundle was uploaded' : code(jobId)],
      ['Method', options?.method],
      ['Ratios trained together', schedule?.join(', ')],
      ['Began with', parent && `${parent.model} version ${parent.version}`],
      ['Seed', seed],
      [
        'Trained by',
        executor &&
          `${executor.name} ${executor.version} (${executor.provider}), ${executor.threads} threads`,
      ],
      ['Processor', executor && markdownText(`${executor.cpuModel} (${executor.cpuClass})`)],
      ['Code', isochronVersion && `Isochron ${isochronVersion}`],
      ['Time', trainingSeconds === undefined ? undefined : `${trainingSeconds.toFixed(1)} s`],
      ['Multiply-accumulates', trainingMacs?.toExponential(3)],
    ]),
    ...(options === undefined
      ? []
      : ['All settings:', markdownTable(['setting', 'value'], settings(options))]),
  ];
}

function settings(options: object): string[][] {
  return Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, code(JSON.stringify(value))]);
}

function accuracy({ ratios, training, accuracyStated }: ModelCard): string[] {
  const derived = ratios.some((ratio) => ratio.derived);
  const rows = ratios.map((result) => [
    `${result.ratio}${result.derived ? ' *' : ''}`,
    result.accuracy === undefined ? 'not measured' : percentOf(result.accuracy),
    grouped(result.macs),
    percentOf(result.macsLeft),
    grouped(result.parameters),
  ]);
  const images =
    training.testImages === undefined ? 'the test images' : `${grouped(training.testImages)} test images`;
  const origin = accuracyStated ? ', as the bundle states it: nobody has checked it here' : ` on ${images}`;
  return [
    '## Accuracy',
    `Top-1 in per cent${origin}.${derived ? ' A star marks ratios that were not trained.' : ''}`,
    markdownTable(['ratio', 'accuracy', 'MACs', 'MACs left (%)', 'parameters'], rows),
  ];
}

function latency(deployment: CardDeployment): string[] {
  const { device, targetMs, tolerance, mode, emulated, points, stability } = deployment;
  const goal =
    mode === 'deadline'
      ? `deadline ${ms(targetMs)} ms`
      : `target ${ms(targetMs)} ms ± ${+(tolerance * 100).toFixed(1)} %`;
  const names = [device.model, device.soc].filter((each) => each !== undefined).map(markdownText);
  const rows = points.map((point) => [
    markdownText(point.operatingPoint),
    String(point.ratio),
    percentOf(point.accuracy),
    intervalText(point.dense),
    intervalText(point.calibrated),
    ms(point.calibrated.p99Ms),
    String(point.calibrated.n),
    yesOrNo(point.withinTolerance),
  ]);
  const head = [
    'operating point',
    'ratio',
    'accuracy',
    'dense p50',
    'calibrated p50',
    'p99',
    'samples',
    'held',
  ];
  const { dense, calibrated } = stability;
  return [
    `### ${markdownText(device.name)}${names.length > 0 ? ` (${names.join(', ')})` : ''}`,
    `Milliseconds of one run, with the 95 % interval of the median; ${goal}.` +
      (emulated ? ' **Clocks were EMULATED** by taking CPU time away from the measured process.' : ''),
    markdownTable(head, rows),
    `Spread (largest over smallest p50): dense ${dense.spread.toFixed(2)}, calibrated ${calibrated.spread.toFixed(2)}. ` +
      `Variance: ${dense.varianceMs2.toPrecision(3)} and ${calibrated.varianceMs2.toPrecision(3)} ms².`,
    ...latencyOrigins(deployment),
    ...conditions(deployment),
  ];
}

function conditions({ id, conditions: found }: CardDeployment): string[] {
  if (found === undefined) return [];
  return [
    facts([
      ['Measured', found.measuredFrom && `${found.measuredFrom} to ${found.measuredUntil}`],
      ['Clocks set by', found.clockControllers.join(', ')],
      ['Runtime', found.runners.map(markdownText).join(', ')],
      ['Machine', found.machines.map(markdownText).join('; ')],
      ['Images in a run', found.batches.join(', ')],
      ['Threads', found.threads.join(', ')],
      ['Agent', found.agentVersions.map(markdownText).join(', ')],
      ['Deployment', code(id)],
    ]),
  ];
}

function gettingStarted({ bundle, model, version }: ModelCard): string[] {
  return [
    '## How to get it',
    [
      '```sh',
      `curl -s $API${bundle.url} -H "Authorization: Bearer $KEY" -o ${model}-${version}.safetensors`,
      '```',
    ].join('\n'),
  ];
}
