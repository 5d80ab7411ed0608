import type { CardDeployment, ModelCard } from '#contracts';

type Figures = Omit<ModelCard, 'limits'>;

/** What the figures of a card do not say, and what they show was not reached. */
export function cardLimits(card: Figures): string[] {
  return [...accuracyLimits(card), ...latencyLimits(card), ...originLimits(card)];
}

function accuracyLimits({ dataset, training, ratios, accuracyStated }: Figures): string[] {
  const images = training.testImages;
  const tested = images === undefined ? 'test images' : `${images} test images`;
  const data = dataset?.name ?? (dataset && `the dataset with digest ${dataset.digest.slice(0, 12)}`);
  const origin = accuracyStated
    ? 'Accuracy of the ratios of the bundle is what the bundle states: nobody has checked it here'
    : `Accuracy is top-1 on ${tested}${data === undefined ? '' : ` of ${data}`}`;
  const derived = ratios.filter((ratio) => ratio.derived).map(({ ratio }) => ratio);
  const unknown = ratios.filter(({ accuracy }) => accuracy === undefined).map(({ ratio }) => ratio);
  return [
    `${origin}. Nothing is known of other data, and nothing of single classes or groups of people.`,
    ...(training.seed === undefined
      ? []
      : [`One training with seed ${training.seed}: how much another seed changes was not measured here.`]),
    ...(derived.length > 0
      ? [
          `Not trained at ${listOf(derived)}: thresholds were solved and BatchNorm recalibrated after training.`,
        ]
      : []),
    ...(unknown.length > 0 ? [`Accuracy was not measured at ${listOf(unknown)}.`] : []),
    'What the networks do with weights or activations of fewer bits was not measured.',
  ];
}

function latencyLimits({ deployments }: Figures): string[] {
  if (deployments.length === 0) return ['Latency was not measured on any device.'];
  const names = deployments.map(({ device }) => device.name);
  return [
    `Latencies hold for ${listOf(names)} as measured: other devices, batches or runtimes differ.`,
    ...deployments.flatMap(deploymentLimits),
  ];
}

function deploymentLimits({
  device,
  emulated,
  points,
  conditions,
  tolerance,
  mode,
}: CardDeployment): string[] {
  const by = mode === 'deadline' ? '' : ` by more than ${+(tolerance * 100).toFixed(1)} %`;
  const missed = points
    .filter(({ withinTolerance }) => !withinTolerance)
    .map((point) => point.operatingPoint);
  const { throttledCells = 0, driftedCells = 0 } = conditions ?? {};
  return [
    ...(emulated
      ? [
          `Clocks of ${device.name} were EMULATED by taking CPU time away: at a real lower clock it may behave differently.`,
        ]
      : []),
    ...(missed.length > 0 ? [`On ${device.name} the target is missed${by} at ${listOf(missed)}.`] : []),
    ...(throttledCells + driftedCells > 0
      ? [
          `On ${device.name} ${throttledCells} cells were measured while it throttled, ${driftedCells} after it had drifted.`,
        ]
      : []),
    ...(conditions === undefined ? [`How ${device.name} was measured is not known any more.`] : []),
  ];
}

function originLimits({ training, dataset }: Figures): string[] {
  return [
    ...(training.jobId === undefined
      ? ['The bundle was uploaded: how it was trained is not known here.']
      : []),
    ...(training.jobGone
      ? ['The job that trained it was deleted: its settings are not known any more.']
      : []),
    ...(dataset?.gone ? ['The dataset was deleted: only its digest is known.'] : []),
  ];
}

const listOf = (values: readonly (string | number)[]): string => values.join(', ');
