import { LineageGraph, type LineageKind } from '#contracts';
import { canonicalDigest } from '../canonical-json.js';
import { buildLineage } from './lineage.js';
import {
  aVersionRecord,
  CALIBRATION,
  DATASET,
  DEVICE,
  PROFILE,
  VERIFICATION,
} from './version-record.fixture.js';

const nodeOf = ({ nodes }: LineageGraph, kind: LineageKind, id?: string) =>
  nodes.find((node) => node.kind === kind && (id === undefined || node.id === id));

describe('the lineage of a version', () => {
  const record = aVersionRecord();
  const lineage = buildLineage(record);
  const { version, job } = record;

  test('has a node for everything that it came of, with address and digest', () => {
    expect(LineageGraph.parse(lineage)).toEqual(lineage);
    expect(lineage.root).toBe(`version:${version.id}`);
    const byKind = lineage.nodes.map(({ kind }) => kind).sort();
    expect(byKind).toEqual([
      ...['bundle', 'calibration', 'dataset', 'deployment', 'device', 'job'],
      ...['latency-table', 'latency-table', 'version'],
    ]);
    expect(nodeOf(lineage, 'dataset')).toMatchObject({
      ...{ id: DATASET.id, url: `/v1/datasets/${DATASET.id}`, label: 'mnist', digest: DATASET.digest },
    });
    expect(nodeOf(lineage, 'version')).toMatchObject({
      ...{ label: 'digits version 1', url: '/v1/models/digits/versions/1', digest: version.bundle.digest },
    });
    expect(nodeOf(lineage, 'latency-table', PROFILE.id)).toMatchObject({
      digest: canonicalDigest(PROFILE.cells),
      label: 'latency table 1, emulated',
    });
    expect(nodeOf(lineage, 'device')).toMatchObject({ id: DEVICE.id, label: 'board-1' });
  });

  test('says how they hang together, in edges between nodes that are there', () => {
    const name = (key: string) => key.split(':')[0];
    const edges = lineage.edges.map(({ from, relation, to }) => `${name(from)} ${relation} ${name(to)}`);
    expect(edges.sort()).toEqual([
      'calibration calibrated-from latency-table',
      'calibration measured-on device',
      'deployment deployed-to device',
      'deployment deploys version',
      'deployment ratios-from calibration',
      'deployment verified-by latency-table',
      'latency-table measured-on device',
      'latency-table measured-on device',
      'version has-bundle bundle',
      'version ratios-from calibration',
      'version trained-by job',
      'version trained-on dataset',
    ]);
    const keys = new Set(lineage.nodes.map(({ key }) => key));
    for (const { from, to } of lineage.edges) expect([keys.has(from), keys.has(to)]).toEqual([true, true]);
    expect(lineage.edges).toContainEqual({
      from: `deployment:${version.deployments[0]!.id}`,
      relation: 'verified-by',
      to: `latency-table:${VERIFICATION.id}`,
    });
  });

  test('names the version that the training went on from, and the sweep that its job is a part of', () => {
    const sweepId = '00000000-0000-4000-8000-000000000001';
    const spec = { ...job.spec, warmStart: { model: 'letters', version: 2 } };
    const parent = { ...version, id: sweepId, model: 'letters', version: 2 };
    const continued = buildLineage(aVersionRecord({ parent }, { job: { sweepId, spec } }));
    expect(nodeOf(continued, 'version', parent.id)).toMatchObject({
      ...{ url: '/v1/models/letters/versions/2', label: 'letters version 2', digest: parent.bundle.digest },
    });
    expect(continued.edges).toContainEqual({
      ...{ from: continued.root, relation: 'continues', to: `version:${parent.id}` },
    });
    const said = { ...version, lineage: { ...version.lineage, parent: { model: 'letters', version: 1 } } };
    const uploaded = buildLineage({ ...aVersionRecord(), version: said, job: undefined });
    expect(nodeOf(uploaded, 'version', 'letters/1')).toMatchObject({ gone: true });
    const orphan = buildLineage(aVersionRecord({}, { job: { spec } }));
    expect(nodeOf(orphan, 'version', 'letters/2')).toMatchObject({ gone: true });
    expect(nodeOf(continued, 'sweep')).toMatchObject({ id: sweepId });
  });

  test('has the files that were added to it', () => {
    const addenda = [{ digest: 'c'.repeat(64), bytes: 9, ratios: [{ ...version.ratios[1]!, ratio: 0.4 }] }];
    const added = buildLineage(aVersionRecord({ addenda }));
    expect(nodeOf(added, 'addendum')).toMatchObject({
      ...{ label: 'addendum for 0.4', digest: 'c'.repeat(64) },
      url: `/v1/models/digits/versions/1/addenda/${'c'.repeat(64)}`,
    });
    expect(added.edges.filter(({ relation }) => relation === 'adds-to')).toHaveLength(1);
  });

  test('says of what is gone that it is gone', () => {
    const left = { dataset: undefined, calibrations: new Map(), devices: new Map(), tables: new Map() };
    const gone = buildLineage({ ...aVersionRecord(left), job: undefined });
    for (const kind of ['dataset', 'job', 'calibration', 'device', 'latency-table'] as const) {
      const node = nodeOf(gone, kind);
      expect(node).toMatchObject({ gone: true });
      expect(node).not.toHaveProperty('url');
    }
    expect(nodeOf(gone, 'latency-table')).toMatchObject({ id: VERIFICATION.id });
    expect(CALIBRATION.latencyTableId).toBe(PROFILE.id);
    expect(nodeOf(gone, 'latency-table', PROFILE.id)).toBeUndefined();
  });
});
