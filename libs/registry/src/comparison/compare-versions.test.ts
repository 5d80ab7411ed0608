import { VersionComparison, type VersionRatio } from '#contracts';
import { aDeploymentPoint, aJobRequest, aSummary } from '#testkit';
import { aVersionRecord, DATASET, DEVICE } from '../cards/version-record.fixture.js';
import { compareVersions } from './compare-versions.js';

const first = aVersionRecord();
const [dense, half] = first.version.ratios;

function another(ratios: VersionRatio[], training: object = {}) {
  const spec = aJobRequest({ datasetId: DATASET.id, training });
  const record = aVersionRecord({}, { job: { spec } });
  return { ...record, version: { ...record.version, version: 2, ratios } };
}

describe('versions side by side', () => {
  test('have accuracy held to the first, and nothing where one lacks a ratio', () => {
    const ratios = [
      dense!,
      { ...half!, ratio: 0.3, accuracy: 0.96 },
      { ...half!, accuracy: 0.9, derived: true },
    ];
    const comparison = compareVersions([first, another(ratios)]);
    expect(VersionComparison.parse(comparison)).toEqual(JSON.parse(JSON.stringify(comparison)));
    expect(comparison.ratios).toEqual([
      { ratio: 0, entries: [expect.anything(), expect.objectContaining({ accuracyDifference: 0 })] },
      {
        ratio: 0.3,
        entries: [null, expect.objectContaining({ accuracy: 0.96, accuracyDifference: undefined })],
      },
      {
        ratio: 0.5,
        entries: [
          expect.objectContaining({ accuracy: 0.95, derived: false }),
          expect.objectContaining({ accuracyDifference: expect.closeTo(-0.05), derived: true }),
        ],
      },
    ]);
    expect(comparison.versions.map(({ version, network }) => [version, network])).toEqual([
      [1, 'resnet-8, width x0.25'],
      [2, 'resnet-8, width x0.25'],
    ]);
  });

  test('have latencies point by point, and whether intervals overlap', () => {
    const calibrated = (p50Ms: number) => ({
      ...aSummary(p50Ms),
      p50LowMs: p50Ms - 0.3,
      p50HighMs: p50Ms + 0.3,
    });
    const point = (name: string, ms: number) => ({ ...aDeploymentPoint(name), calibrated: calibrated(ms) });
    const one = aVersionRecord({}, { deployment: { points: [point('fast', 10), point('slow', 12)] } });
    const two = aVersionRecord({}, { deployment: { points: [point('fast', 10.5), point('slow', 11)] } });
    const { devices } = compareVersions([one, two]);
    expect(devices).toHaveLength(1);
    expect(devices[0]).toMatchObject({ deviceId: DEVICE.id, deviceName: 'board-1' });
    const [fast, slow] = devices[0]!.points;
    expect(fast!.entries[1]).toMatchObject({ differenceMs: 0.5, intervalsOverlap: true, samples: 3 });
    expect(slow!.entries[1]).toMatchObject({ differenceMs: -1, intervalsOverlap: false });
    expect(slow!.entries[0]).not.toHaveProperty('differenceMs');
    expect(devices[0]!.deployments[0]).toMatchObject({ batches: [64], emulated: true });
  });

  test('have null for a device that one of them was never on', () => {
    const record = aVersionRecord();
    const undeployed = { ...record, version: { ...record.version, deployments: [] } };
    const { devices } = compareVersions([undeployed, first]);
    expect(devices[0]!.deployments[0]).toBeNull();
    expect(devices[0]!.points[0]!.entries[0]).toBeNull();
    expect(devices[0]!.points[0]!.entries[1]).not.toHaveProperty('differenceMs');
  });

  test('have the settings that differ, and none that are the same', () => {
    const { settings } = compareVersions([first, another([dense!], { learningRate: 0.1, seed: 7 })]);
    expect(settings).toEqual([
      { setting: 'training.learningRate', values: [0.2, 0.1] },
      { setting: 'training.seed', values: [1, 7] },
    ]);
    expect(compareVersions([first, first]).settings).toEqual([]);
  });

  test('have null for the settings of a job that is gone', () => {
    const { settings } = compareVersions([first, { ...first, job: undefined }]);
    expect(settings).toContainEqual({ setting: 'training.learningRate', values: [0.2, null] });
  });

  test('say of an uploaded bundle that nobody checked its accuracies, and not that its data differ', () => {
    const brought = { ...first.version, source: 'upload' as const, lineage: {}, training: undefined };
    const { notes, settings } = compareVersions([first, { ...first, job: undefined, version: brought }]);
    expect(notes).toEqual([
      'On which images digits/1 was tested is not known: its accuracies are what the uploaded bundle states.',
      expect.stringContaining('One training each'),
      'Clocks of board-1 were EMULATED.',
    ]);
    expect(settings.filter(({ setting }) => /^(network|ratios)/.test(setting))).toEqual([]);
  });

  test('say when their data differ, and that clocks were emulated', () => {
    const { version } = first;
    const lineage = { ...version.lineage, datasetDigest: '0'.repeat(64) };
    const training = { ...version.training!, testImages: 100 };
    const { notes } = compareVersions([first, { ...first, version: { ...version, lineage, training } }]);
    expect(notes).toEqual([
      expect.stringContaining('Trained and tested on different data'),
      'Tested on different numbers of images.',
      expect.stringContaining('One training each'),
      'Clocks of board-1 were EMULATED.',
    ]);
    expect(compareVersions([first, first]).notes).toHaveLength(2);
  });
});
