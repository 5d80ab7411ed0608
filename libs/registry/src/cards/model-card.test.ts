import { ModelCard, type LatencyTable } from '#contracts';
import { aDeploymentPoint } from '#testkit';
import { buildModelCard } from './model-card.js';
import { buildStabilityReport } from '../stability-report/stability-report.js';
import { aVersionRecord, CALIBRATION, DATASET, DEVICE, VERIFICATION } from './version-record.fixture.js';

describe('a model card', () => {
  const record = aVersionRecord();
  const card = buildModelCard(record);

  test('says what the version was trained on, how, by what and how long', () => {
    expect(ModelCard.parse(card)).toEqual(card);
    const { job, version } = record;
    expect(card).toMatchObject({ model: 'digits', version: 1, bundle: version.bundle, classes: 10 });
    expect(card.dataset).toMatchObject({ id: DATASET.id, name: 'mnist', digest: DATASET.digest });
    expect(card.dataset).toMatchObject({ trainImages: 1000, split: { kind: 'given' } });
    expect(card.training).toMatchObject({
      ...{ jobId: job.id, schedule: job.ratios, seed: 1, trainingSeconds: 1.5 },
      executor: { name: 'onnxruntime', provider: 'cpu', cpuModel: 'test' },
      options: { method: 'all-in-one', batchSize: 64 },
    });
    expect(card.training).not.toHaveProperty('comparison');
  });

  test('has accuracy and what is left of the network for every ratio', () => {
    expect(card.ratios).toEqual([
      { ratio: 0, accuracy: 0.97, macs: 1000, parameters: 500, derived: false, macsLeft: 1 },
      { ratio: 0.5, accuracy: 0.95, macs: 500, parameters: 500, derived: false, macsLeft: 0.5 },
    ]);
  });

  test('has the ratios that were added later, with the file that brought them', () => {
    const added = { ...record.version.ratios[1]!, ratio: 0.4, derived: true };
    const addenda = [{ digest: 'c'.repeat(64), bytes: 9, ratios: [added] }];
    const { ratios } = buildModelCard({ ...record, addenda });
    expect(ratios.map(({ ratio, addendum }) => [ratio, addendum?.slice(0, 2)])).toEqual([
      ...[
        [0, undefined],
        [0.4, 'cc'],
        [0.5, undefined],
      ],
    ]);
  });

  test('has the latencies of each device with how they were measured', () => {
    const [deployment] = card.deployments;
    expect(deployment).toMatchObject({
      device: { id: DEVICE.id, name: 'board-1', model: 'Phone 3', soc: 'SoC 7' },
      ...{ targetMs: 10, tolerance: 0.05, emulated: true },
      points: [{ operatingPoint: 'slow', clocks: { emulatedCpuShare: 0.5 }, ratio: 0.5, accuracy: 0.95 }],
      conditions: {
        ...{ emulated: true, clockControllers: ['duty-cycle'], runners: ['onnxruntime-node 1'] },
        ...{ agentVersions: ['0.1.0'], machines: ['test, 2 cores, linux x64'], batches: [64], threads: [1] },
        ...{ measuredFrom: '2030-01-01T00:00:00.000Z', throttledCells: 0 },
      },
    });
  });

  describe('says where each latency comes from', () => {
    const cellsWith = (provenance: object) => {
      const cells = VERIFICATION.cells.map((cell) => ({
        ...cell,
        provenance: { ...cell.provenance, ...provenance },
      }));
      return { ...VERIFICATION, cells };
    };
    const originsOf = (table: LatencyTable) => {
      const made = buildModelCard(aVersionRecord({ tables: new Map([[table.id, table]]) }));
      expect(ModelCard.parse(made)).toEqual(made);
      return made.deployments[0]!.points[0]!.origin;
    };

    test('by network, table and cell, as the stability report has it', () => {
      const { points, latencyTables } = buildStabilityReport(record, { deviceId: DEVICE.id });
      const digest = latencyTables.find(({ id }) => id === VERIFICATION.id)!.digest!;
      const shared = { tier: 'emulated', pinned: false, samples: 3, measuredAt: '2030-01-01T00:00:00.000Z' };
      expect(card.deployments[0]!.points[0]!.origin).toEqual({
        dense: {
          ...shared,
          onnxDigest: points[0]!.dense.onnxDigest,
          latencyTable: { id: VERIFICATION.id, digest, cell: points[0]!.dense.cell!.index },
        },
        calibrated: {
          ...shared,
          onnxDigest: points[0]!.calibrated.onnxDigest,
          latencyTable: { id: VERIFICATION.id, digest, cell: points[0]!.calibrated.cell!.index },
        },
      });
    });

    test.each([
      ['tuple', false, 'real', true],
      ['cpufreq', false, 'real', true],
      ['devfreq', false, 'real', true],
      ['cgroup-v2-quota', true, 'emulated', false],
      ['recorded', false, 'simulated', false],
    ])('clocks by %s, emulated: %s, are %s and pinned: %s', (clockController, emulated, tier, pinned) => {
      const origins = originsOf(cellsWith({ clockController, emulated }));
      expect(origins).toMatchObject({ dense: { tier, pinned }, calibrated: { tier, pinned } });
    });

    test.each<[{ emulated?: boolean; measuredAt?: string }, object]>([
      [{}, {}],
      [{ emulated: false, measuredAt: '2029-01-01T00:00:00.000Z' }, { tier: 'real' }],
    ])('of an imported table no more than it states: %j', (stated, tier) => {
      const lines = { first: 2, last: 4 };
      const provenance = {
        kind: 'imported' as const,
        format: 'csv' as const,
        file: 'a.csv',
        lines,
        ...stated,
      };
      const cells = VERIFICATION.cells.map((cell) => ({ ...cell, provenance }));
      const { measuredAt } = provenance;
      expect(originsOf({ ...VERIFICATION, cells })!.dense).toEqual({
        ...{ samples: 3, ...tier, ...(measuredAt && { measuredAt }) },
        latencyTable: expect.objectContaining({ id: VERIFICATION.id }),
      });
    });

    test('and nothing where the tables are gone', () => {
      const made = buildModelCard(aVersionRecord({ tables: new Map() }));
      expect(made.deployments[0]!.points[0]).not.toHaveProperty('origin');
    });
  });

  test('has of a device that was measured again the newest deployment alone', () => {
    const { version } = record;
    const later = {
      ...version.deployments[0]!,
      id: DEVICE.id,
      createdAt: '2999-01-01T00:00:00.000Z',
      targetMs: 7,
    };
    const deployments = [later, ...version.deployments];
    const again = buildModelCard({ ...record, version: { ...version, deployments } });
    expect(again.deployments.map(({ targetMs }) => targetMs)).toEqual([7]);
  });

  test("takes the version's own words before those about the model", () => {
    const ofModel = { ...record.model, description: 'of the model', tags: { team: 'vision', stage: 'a' } };
    const about = buildModelCard({ ...record, model: ofModel });
    expect(about).toMatchObject({ description: 'of the model', tags: { team: 'vision', stage: 'a' } });
    const ofVersion = { ...record.version, description: 'of the version', tags: { stage: 'b' } };
    const own = buildModelCard({ ...record, model: ofModel, version: ofVersion });
    expect(own).toMatchObject({ description: 'of the version', tags: { team: 'vision', stage: 'b' } });
    expect(card).not.toHaveProperty('description');
  });
});

describe('the limits of a card', () => {
  const limits = (...changes: Parameters<typeof aVersionRecord>) =>
    buildModelCard(aVersionRecord(...changes)).limits.join('\n');

  test('say what was tested, on how many images, and that clocks were emulated', () => {
    const text = limits();
    expect(text).toContain('Accuracy is top-1 on 200 test images of mnist');
    expect(text).toContain('One training with seed 1');
    expect(text).toContain('Clocks of board-1 were EMULATED');
    expect(text).not.toContain('missed');
  });

  test('name operating points that miss their target, and cells that were disturbed', () => {
    const missed = { ...aDeploymentPoint('slow', 12), withinTolerance: false };
    const of = { deployment: { points: [missed], emulated: false } };
    expect(limits({}, of)).toContain('On board-1 the target is missed by more than 5 % at slow.');
    const deadline = { ...CALIBRATION, mode: 'deadline' as const };
    expect(limits({ calibrations: new Map([[deadline.id, deadline]]) }, of)).toContain(
      'On board-1 the target is missed at slow.',
    );
    const { tables } = aVersionRecord();
    const [profile, verification] = [...tables.values()];
    const [cell, ...others] = verification!.cells;
    const hot = { ...cell!, provenance: { ...cell!.provenance, throttled: true } };
    const disturbed = new Map(
      [profile!, { ...verification!, cells: [hot, ...others] }].map((t) => [t.id, t]),
    );
    expect(limits({ tables: disturbed })).toContain('On board-1 1 cells were measured while it throttled');
  });

  test('say of a version without a device that no latency was measured', () => {
    const record = aVersionRecord();
    const card = buildModelCard({ ...record, version: { ...record.version, deployments: [] } });
    expect(card.limits).toContain('Latency was not measured on any device.');
  });

  test('say what is not known any more', () => {
    const record = { ...aVersionRecord(), job: undefined, dataset: undefined, tables: new Map() };
    const card = buildModelCard(record);
    expect(card.training).toMatchObject({ jobGone: true });
    expect(card.dataset).toEqual({ id: DATASET.id, digest: DATASET.digest, gone: true });
    expect(card.limits).toEqual(
      expect.arrayContaining([
        'How board-1 was measured is not known any more.',
        'The job that trained it was deleted: its settings are not known any more.',
        'The dataset was deleted: only its digest is known.',
      ]),
    );
  });

  test('say of an uploaded bundle that nothing is known of its training', () => {
    const record = aVersionRecord();
    const version = { ...record.version, source: 'upload' as const, lineage: {}, training: undefined };
    const card = buildModelCard({ ...record, job: undefined, dataset: undefined, version });
    expect(card.limits).toContain('The bundle was uploaded: how it was trained is not known here.');
    expect(card.limits[0]).toContain('is what the bundle states: nobody has checked it here');
    expect(card).toMatchObject({ accuracyStated: true });
    expect(card).not.toHaveProperty('dataset');
  });
});
