import { randomUUID } from 'node:crypto';
import {
  BLOCKS_BETWEEN_FALSE_ALARMS,
  driftEvidence,
  NO_DRIFT_SEEN,
  stabilityOf,
  summarise,
  testDrift,
} from '#calibration';
import {
  CalibrationService,
  DeviceService,
  LatencyTables,
  MeasuringRequests,
  MeasuringService,
  type DeviceServiceParts,
} from '#devices';
import { JobService, type Verification } from '#jobs';
import { FieldLatencyService, RegistryService, type DriftTest } from '#registry';
import type { Storage } from '#storage';
import { calibrator } from './calibrator.js';
import { MeasuredVerification, VerificationOutcomes } from './measured-verification.js';
import { StoredSubnets } from './stored-subnets.js';

/** The services of all domains, wired to what is stored and to each other. */
export interface Service {
  readonly storage: Storage;
  readonly jobs: JobService;
  readonly verification: Verification;
  readonly devices: DeviceService;
  readonly latencyTables: LatencyTables;
  readonly measuringRequests: MeasuringRequests;
  readonly measuring: MeasuringService;
  readonly calibrations: CalibrationService;
  readonly registry: RegistryService;
  readonly fieldLatencies: FieldLatencyService;
}

const IDENTITY: Pick<DeviceServiceParts, 'now' | 'newId'> = { now: () => new Date(), newId: randomUUID };

const DRIFT_TEST: DriftTest = {
  nothingSeen: NO_DRIFT_SEEN,
  evidenceNeeded: BLOCKS_BETWEEN_FALSE_ALARMS,
  evidenceIn: driftEvidence,
  observe: testDrift,
};

/** Wires the services; the storage stays its opener's to close. */
export function wireService(storage: Storage): Service {
  const {
    jobs: jobRepository,
    devices,
    calibrations,
    latencyTables: tables,
    measuringTasks: tasks,
  } = storage;
  const { lookups, wakeups, models, drifts } = storage;
  const subnets = new StoredSubnets(storage.artifacts);
  const measuringRequests = new MeasuringRequests({
    ...{ tasks, devices, calibrations, tables, subnets },
    ...IDENTITY,
  });
  const verification = new MeasuredVerification({ requests: measuringRequests, tasks });
  const jobs = new JobService({ jobs: jobRepository, lookups, verification, ...IDENTITY });
  const registry = new RegistryService({ models, sources: lookups, stabilityOf, ...IDENTITY });
  const outcomes = new VerificationOutcomes(jobs);
  return {
    storage,
    jobs,
    verification,
    devices: new DeviceService({ devices, ...IDENTITY }),
    latencyTables: new LatencyTables(tables),
    measuringRequests,
    measuring: new MeasuringService({ tasks, devices, wakeups, outcomes, summarise, ...IDENTITY }),
    calibrations: new CalibrationService({
      calibrations,
      tables,
      devices,
      calibrate: calibrator,
      ...IDENTITY,
    }),
    registry,
    fieldLatencies: new FieldLatencyService({ registry, drifts, driftTest: DRIFT_TEST, ...IDENTITY }),
  };
}
