import type { VersionComparison } from '#contracts';

type Figures = Omit<VersionComparison, 'notes'>;

/** What has to be known before the figures are set beside each other. */
export function comparisonNotes({ versions, ratios, devices }: Figures): string[] {
  const differ = <T>(values: readonly T[]) =>
    new Set(values.filter((value) => value !== undefined).map((value) => JSON.stringify(value))).size > 1;
  const data = versions.map(({ datasetDigest }) => datasetDigest);
  const tested = versions.map(({ testImages }) => testImages);
  const shared = ratios.filter(({ entries }) => entries.every((entry) => entry !== null));
  return [
    ...versions.filter(({ testImages }) => testImages === undefined).map(untested),
    ...(differ(data)
      ? ['Trained and tested on different data: differences of accuracy say nothing of the networks alone.']
      : []),
    ...(differ(tested) ? ['Tested on different numbers of images.'] : []),
    ...(differ(versions.map(({ classes, input }) => ({ classes, input })))
      ? ['Made for different images or classes.']
      : []),
    ...(shared.length === 0 ? ['No ratio is in all of them.'] : []),
    'One training each: differences of some tenths of a point are within what another seed changes.',
    ...devices.flatMap(deviceNotes),
  ];
}

/** A bundle that somebody brought says what it likes. */
const untested = ({ model, version }: Figures['versions'][number]): string =>
  `On which images ${model}/${version} was tested is not known: its accuracies are what the uploaded bundle states.`;

function deviceNotes({ deviceName, deployments }: Figures['devices'][number]): string[] {
  const there = deployments.filter((deployment) => deployment !== null);
  const batches = new Set(there.flatMap((deployment) => deployment.batches));
  const clocks = new Set(there.map(({ emulated }) => emulated));
  const targets = new Set(there.map(({ targetMs }) => targetMs));
  return [
    ...(batches.size > 1
      ? [
          `On ${deviceName} batches of ${[...batches].join(' and ')} images were measured: latencies are of one run.`,
        ]
      : []),
    ...(clocks.size > 1 ? [`On ${deviceName} some clocks were emulated and some real.`] : []),
    ...(clocks.size === 1 && clocks.has(true) ? [`Clocks of ${deviceName} were EMULATED.`] : []),
    ...(targets.size > 1 ? [`On ${deviceName} the versions were calibrated for different targets.`] : []),
  ];
}
