import type { Deployment, Job } from '#contracts';
import {
  aCalibration,
  aDataset,
  aDeployment,
  aDevice,
  aJob,
  aJobRequest,
  aLatencyTable,
  aMeasuringTask,
  aModel,
  aModelVersion,
  anActor,
} from '#testkit';
import type { VersionRecord } from './version-records.js';

const actor = anActor();
export const DEVICE = aDevice(actor, { name: 'board-1', soc: 'SoC 7' });
export const DATASET = aDataset(actor, { name: 'mnist' });
export const PROFILE = aLatencyTable(aMeasuringTask(DEVICE));
export const VERIFICATION = aLatencyTable(aMeasuringTask(DEVICE, { purpose: 'verify' }));
export const CALIBRATION = aCalibration(PROFILE);

/** A version that was trained for one device, and deployed to it, with all that it came of. */
export function aVersionRecord(
  changes: Partial<VersionRecord> = {},
  { deployment = {}, job = {} }: { deployment?: Partial<Deployment>; job?: Partial<Job> } = {},
): VersionRecord & { readonly job: Job } {
  const trained = aJob(actor, {
    spec: aJobRequest({ datasetId: DATASET.id, ratios: undefined, calibrationId: CALIBRATION.id }),
    calibrationId: CALIBRATION.id,
    ...job,
  });
  const bare = aModelVersion(actor, {
    jobId: trained.id,
    datasetId: DATASET.id,
    datasetDigest: DATASET.digest,
    calibrationId: CALIBRATION.id,
  });
  const refers = {
    ...{ deviceId: DEVICE.id, deviceName: DEVICE.name },
    ...{ calibrationId: CALIBRATION.id, latencyTableId: VERIFICATION.id },
  };
  return {
    model: aModel(actor),
    version: { ...bare, deployments: [aDeployment(bare, refers, deployment)] },
    dataset: DATASET,
    parent: undefined,
    addenda: [],
    calibrations: new Map([[CALIBRATION.id, CALIBRATION]]),
    devices: new Map([[DEVICE.id, DEVICE]]),
    tables: new Map([PROFILE, VERIFICATION].map((table) => [table.id, table])),
    ...changes,
    job: trained,
  };
}
