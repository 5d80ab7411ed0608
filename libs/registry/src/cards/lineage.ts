import type {
  Calibration,
  Deployment,
  LineageEdge,
  LineageKind,
  LineageNode,
  LineageRelation,
  LineageGraph,
} from '#contracts';
import { canonicalDigest } from '../canonical-json.js';
import { parentOf, type VersionRecord } from './version-records.js';

type Found = Pick<LineageNode, 'label' | 'digest' | 'createdAt'>;

/** Where a version comes from and where it runs, as nodes and edges; what is gone has a node that says so. */
export function buildLineage(record: VersionRecord): LineageGraph {
  const { version } = record;
  const graph = new Graph();
  const root = graph.node('version', version.id, urlOf(version), {
    label: `${version.model} version ${version.version}`,
    digest: version.bundle.digest,
    createdAt: version.createdAt,
  });
  addFiles(graph, root, record);
  addTraining(graph, root, record);
  addParent(graph, root, record);
  for (const deployment of version.deployments) addDeployment(graph, root, deployment, record);
  return { model: version.model, version: version.version, root, nodes: graph.nodes, edges: graph.edges };
}

/** Nodes and edges, each once. */
class Graph {
  private readonly nodesByKey = new Map<string, LineageNode>();
  private readonly edgesByKey = new Map<string, LineageEdge>();

  get nodes(): LineageNode[] {
    return [...this.nodesByKey.values()];
  }

  get edges(): LineageEdge[] {
    return [...this.edgesByKey.values()];
  }

  /** @param found what is left of it; undefined where it is gone. @returns the key of the node */
  node(kind: LineageKind, id: string, url: string, found: Found | undefined): string {
    const key = `${kind}:${id}`;
    const gone: Omit<LineageNode, 'key' | 'kind' | 'id'> = { label: `${kind} ${id}`, gone: true };
    this.nodesByKey.set(key, { key, kind, id, ...(found === undefined ? gone : { url, ...found }) });
    return key;
  }

  edge(from: string, relation: LineageRelation, to: string): void {
    this.edgesByKey.set(`${from} ${relation} ${to}`, { from, to, relation });
  }
}

/** The bundle, and what was added to it. */
function addFiles(graph: Graph, root: string, { version, addenda }: VersionRecord): void {
  const { createdAt } = version;
  const { digest, url, bytes } = version.bundle;
  const label = `bundle of ${bytes} bytes`;
  graph.edge(root, 'has-bundle', graph.node('bundle', digest, url, { label, digest, createdAt }));
  for (const { digest, ratios } of addenda) {
    const label = `addendum for ${ratios.map(({ ratio }) => ratio).join(', ')}`;
    const node = graph.node('addendum', digest, `${urlOf(version)}/addenda/${digest}`, { label, digest });
    graph.edge(node, 'adds-to', root);
  }
}

/** The job with what it was given: data, ratios, the version that it went on from. */
function addTraining(graph: Graph, root: string, record: VersionRecord): void {
  const { version, job, dataset } = record;
  const { jobId, datasetId, datasetDigest, calibrationId } = version.lineage;
  if (datasetId !== undefined) {
    const node = graph.node(
      'dataset',
      datasetId,
      `/v1/datasets/${datasetId}`,
      dataset && { label: dataset.name, digest: datasetDigest, createdAt: dataset.createdAt },
    );
    graph.edge(root, 'trained-on', node);
  }
  if (calibrationId !== undefined) {
    graph.edge(root, 'ratios-from', addCalibration(graph, calibrationId, record));
  }
  if (jobId === undefined) return;
  const made = job && { label: `job of ${job.model}`, createdAt: job.createdAt };
  const jobNode = graph.node('job', jobId, `/v1/jobs/${jobId}`, made);
  graph.edge(root, 'trained-by', jobNode);
  if (job?.sweepId !== undefined) {
    const { sweepId } = job;
    const sweep = graph.node('sweep', sweepId, `/v1/sweeps/${sweepId}`, { label: 'sweep' });
    graph.edge(jobNode, 'part-of', sweep);
  }
}

/** The version that this one goes on from, with the digest of its bundle. */
function addParent(graph: Graph, root: string, record: VersionRecord): void {
  const { parent } = record;
  const from = parentOf(record);
  if (from === undefined) return;
  const name = `${from.model} version ${from.version}`;
  const made = parent && { label: name, digest: parent.bundle.digest, createdAt: parent.createdAt };
  const node = graph.node('version', parent?.id ?? `${from.model}/${from.version}`, urlOf(from), made);
  graph.edge(root, 'continues', node);
}

function addCalibration(graph: Graph, calibrationId: string, record: VersionRecord): string {
  const calibration = record.calibrations.get(calibrationId);
  const node = graph.node(
    'calibration',
    calibrationId,
    `/v1/calibrations/${calibrationId}`,
    calibration && { label: labelOf(calibration), createdAt: calibration.createdAt },
  );
  if (calibration !== undefined) {
    graph.edge(node, 'calibrated-from', addTable(graph, calibration.latencyTableId, record));
    graph.edge(node, 'measured-on', addDevice(graph, calibration.deviceId, record));
  }
  return node;
}

const labelOf = ({ ratios, targetMs }: Calibration): string =>
  `${ratios.length} ratios for ${targetMs.toPrecision(3)} ms`;

function addDeployment(graph: Graph, root: string, deployment: Deployment, record: VersionRecord): void {
  const { id, deviceId, deviceName, calibrationId, latencyTableIds, createdAt } = deployment;
  const label = `on ${deviceName}`;
  const node = graph.node('deployment', id, `/v1/deployments/${id}`, { label, createdAt });
  graph.edge(node, 'deploys', root);
  graph.edge(node, 'deployed-to', addDevice(graph, deviceId, record));
  graph.edge(node, 'ratios-from', addCalibration(graph, calibrationId, record));
  for (const tableId of latencyTableIds) graph.edge(node, 'verified-by', addTable(graph, tableId, record));
}

function addTable(graph: Graph, tableId: string, record: VersionRecord): string {
  const table = record.tables.get(tableId);
  const node = graph.node(
    'latency-table',
    tableId,
    `/v1/latency-tables/${tableId}`,
    table && {
      label: `latency table ${table.version}${table.emulated ? ', emulated' : ''}`,
      digest: canonicalDigest(table.cells),
      createdAt: table.createdAt,
    },
  );
  if (table !== undefined) graph.edge(node, 'measured-on', addDevice(graph, table.deviceId, record));
  return node;
}

function addDevice(graph: Graph, deviceId: string, { devices }: VersionRecord): string {
  const device = devices.get(deviceId);
  const made = device && { label: device.name, createdAt: device.createdAt };
  return graph.node('device', deviceId, `/v1/devices/${deviceId}`, made);
}

const urlOf = ({ model, version }: { model: string; version: number }): string =>
  `/v1/models/${model}/versions/${version}`;
