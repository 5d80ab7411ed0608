import {
  MODEL_CARD_FORMAT,
  type CardDeployment,
  type Deployment,
  type ModelCard,
  type ModelVersion,
} from '#contracts';
import { ratiosOf } from '../version-ratios.js';
import { cardLimits } from './card-limits.js';
import { originsIn } from './latency-origin.js';
import { measuringConditions } from './measuring-conditions.js';
import { newestDeployments, parentOf, tablesOf, type VersionRecord } from './version-records.js';

/** Everything that is known of a version, from what it came of. */
export function buildModelCard(record: VersionRecord): ModelCard {
  const { version } = record;
  const { model, createdAt, owner, bundle, network, input, classes } = version;
  const card: Omit<ModelCard, 'limits'> = {
    format: MODEL_CARD_FORMAT,
    ...{ model, version: version.version, createdAt, owner },
    ...said(record),
    ...{ bundle, network, input, classes },
    ...datasetOf(record),
    training: trainingOf(record),
    ratios: cardRatios(record),
    ...(version.source === 'upload' && { accuracyStated: true }),
    deployments: newestDeployments(version).map((deployment) => deploymentOf(record, deployment)),
  };
  return { ...card, limits: cardLimits(card) };
}

/** The version's own words before those about the model. */
function said({ model, version }: VersionRecord): Pick<ModelCard, 'description' | 'tags'> {
  const description = version.description || model.description;
  return { ...(description && { description }), tags: { ...model.tags, ...version.tags } };
}

function datasetOf({ version, dataset }: VersionRecord): Pick<ModelCard, 'dataset'> {
  const { datasetId: id, datasetDigest: digest } = version.lineage;
  if (digest === undefined) return {};
  if (dataset === undefined) return { dataset: { ...(id && { id }), digest, gone: true } };
  const { name, format, trainImages, testImages, split, classNames, classCounts } = dataset;
  return {
    dataset: {
      id: dataset.id,
      digest,
      name,
      format,
      trainImages,
      testImages,
      split,
      classNames,
      classCounts,
    },
  };
}

function trainingOf({ version, job }: VersionRecord): ModelCard['training'] {
  const { jobId } = version.lineage;
  const training: Partial<NonNullable<ModelVersion['training']>> = version.training ?? {};
  const { trainImages, testImages, executor, seed } = training;
  const { isochronVersion, trainingMacs, trainingSeconds } = training;
  const results = { trainImages, testImages, executor, seed, isochronVersion, trainingMacs, trainingSeconds };
  const parent = parentOf({ version, job });
  const known = { ...results, ...(parent && { parent }) };
  if (jobId === undefined) return known;
  if (job === undefined) return { ...known, jobId, jobGone: true };
  return { ...known, jobId, options: job.spec.training, schedule: job.ratios };
}

function cardRatios(record: VersionRecord): ModelCard['ratios'] {
  const ratios = ratiosOf(record.version, record.addenda);
  const dense = ratios.find(({ ratio }) => ratio === 0) ?? ratios[0]!;
  return ratios.map(({ ratio, accuracy, macs, parameters, derived, addendum }) => ({
    ...{ ratio, accuracy, macs, parameters, derived },
    macsLeft: macs / dense.macs,
    ...(addendum !== undefined && { addendum }),
  }));
}

function deploymentOf(record: VersionRecord, deployment: Deployment): CardDeployment {
  const { id, createdAt, deviceId, deviceName, targetMs, tolerance, emulated, stability } = deployment;
  const mode = record.calibrations.get(deployment.calibrationId)?.mode;
  const device = record.devices.get(deviceId);
  const tables = tablesOf(record, deployment);
  const origin = originsIn(tables);
  return {
    ...{ id, createdAt, targetMs, tolerance, ...(mode && { mode }), emulated, stability },
    device: {
      ...{ id: deviceId, name: deviceName },
      ...(device === undefined ? { gone: true as const } : { model: device.model, soc: device.soc }),
    },
    points: deployment.points.map(({ feasible: _, ...point }) => ({
      ...point,
      clocks: device?.operatingPoints.find(({ name }) => name === point.operatingPoint),
      ...originsOf(origin, point),
    })),
    ...(tables.length > 0 && { conditions: measuringConditions(tables) }),
  };
}

function originsOf(
  origin: ReturnType<typeof originsIn>,
  { operatingPoint, ratio, dense, calibrated }: CardDeployment['points'][number],
): Pick<CardDeployment['points'][number], 'origin'> {
  const of = {
    dense: origin(operatingPoint, 0, dense),
    calibrated: origin(operatingPoint, ratio, calibrated),
  };
  return of.dense || of.calibrated ? { origin: of } : {};
}
