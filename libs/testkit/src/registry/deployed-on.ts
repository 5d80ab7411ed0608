import { randomUUID } from 'node:crypto';
import type { Deployment, ModelVersion } from '#contracts';
import type { Storage } from '#storage';
import { aDeployment, aDeploymentPoint } from './registry-fixtures.js';
import { storedRegistry } from './stored-registry.js';

/** By the names of its operating points. */
export type RatioAt = Readonly<Record<'fast' | 'slow', number>>;

type Place = Pick<Deployment, 'deviceId' | 'deviceName' | 'calibrationId' | 'latencyTableId'>;

/** Deploys a version on a device of its own, or on the one of another deployment. */
export async function deployVersion(
  storage: Storage,
  version: ModelVersion,
  ratioAt: RatioAt,
  on?: Deployment,
): Promise<Deployment> {
  const place: Place = on ?? (await storedRegistry(storage).newMeasurement(version));
  const before = await storage.calibrations.find(version, place.calibrationId);
  const calibration = { ...before!, id: randomUUID() };
  const { deviceId, deviceName, latencyTableId } = place;
  const refers = { deviceId, deviceName, latencyTableId, calibrationId: calibration.id };
  const points = Object.entries(ratioAt).map(([name, ratio]) => ({ ...aDeploymentPoint(name), ratio }));
  const deployment = aDeployment(version, refers, { points });
  await storage.deployments.create({ calibration, deployment });
  return deployment;
}
