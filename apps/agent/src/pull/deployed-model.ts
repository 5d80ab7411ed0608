import {
  Device,
  ModelAddenda,
  ModelAlias,
  VersionDeploymentPage,
  type ModelAddendum,
  type OperatingPoint,
  type VersionDeployment,
} from '#contracts';
import type { RuntimePoint } from '#edge';
import type { ConditionalReader } from './conditional-reader.js';
import type { ModelReference } from './model-reference.js';

/** What a device is to run: a version, and the ratio of every operating point. */
export interface DeployedModel {
  readonly model: string;
  readonly version: number;
  readonly alias?: string;
  readonly deployment: VersionDeployment;
  readonly points: readonly RuntimePoint[];
  /** Of the version, those that a point needs. */
  readonly addenda: readonly ModelAddendum[];
}

/** @throws ServerError, not_found also for what is not deployed on the device; Error when only the device's deployment is missing */
export async function findDeployedModel(
  reader: ConditionalReader,
  reference: ModelReference,
  deviceId: string,
  signal: AbortSignal,
): Promise<DeployedModel> {
  const { model } = reference;
  const version = 'version' in reference ? reference.version : await versionOf(reader, reference, signal);
  const place = versionPath(model, version);
  const query = `limit=1&deviceId=${deviceId}`;
  const { items } = await reader.read(`${place}/deployments?${query}`, VersionDeploymentPage, signal);
  const [deployment] = items;
  if (!deployment)
    throw new Error(`version ${version} of "${model}" is not deployed on the device ${deviceId}`);
  const device = await reader.read(`/v1/devices/${deviceId}`, Device, signal);
  const points = deployment.points.map(({ operatingPoint, ratio }) =>
    pointOf(operatingPoint, ratio, device.operatingPoints),
  );
  const { items: all } = await reader.read(`${place}/addenda`, ModelAddenda, signal);
  const alias = 'alias' in reference ? { alias: reference.alias } : {};
  return { model, version, ...alias, deployment, points, addenda: neededBy(points, all) };
}

export const versionPath = (model: string, version: number): string =>
  `/v1/models/${model}/versions/${version}`;

async function versionOf(
  reader: ConditionalReader,
  { model, alias }: { readonly model: string; readonly alias: string },
  signal: AbortSignal,
): Promise<number> {
  return (await reader.read(`/v1/models/${model}/aliases/${alias}`, ModelAlias, signal)).version;
}

/** A point of a deployment with the clocks by which the device tells that it is at it. */
function pointOf(name: string, ratio: number, declared: readonly OperatingPoint[]): RuntimePoint {
  const { cpuHz, gpuHz, memHz, emulatedCpuShare } = declared.find((each) => each.name === name) ?? {};
  const clocks = Object.entries({ cpuHz, gpuHz, memHz, emulatedCpuShare });
  return { name, ratio, ...Object.fromEntries(clocks.filter(([, value]) => value !== undefined)) };
}

/** A version has a ratio once: in its bundle or in an addendum. */
const neededBy = (points: readonly RuntimePoint[], addenda: readonly ModelAddendum[]): ModelAddendum[] =>
  addenda.filter(({ ratios }) => ratios.some(({ ratio }) => points.some((point) => point.ratio === ratio)));
