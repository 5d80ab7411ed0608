import { randomUUID } from 'node:crypto';
import { ApiKeyService, AuditLog, digestOf, newSecret, TeamService } from '#access';
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
  EnrolmentService,
  LatencyImports,
  LatencyTables,
  MeasuringRequests,
  MeasuringService,
  type DeviceServiceParts,
} from '#devices';
import {
  JobService,
  StageAdmission,
  SweepService,
  WorkerReports,
  WorkerService,
  type JobCalibration,
} from '#jobs';
import {
  AliasService,
  FieldLatencyService,
  ModelService,
  ProtectedAliases,
  PublishBundles,
  RegistryService,
  type DriftTest,
} from '#registry';
import type { Storage } from '#storage';
import { accuraciesFrom } from './accuracies-from.js';
import { calibrator } from './calibrator.js';
import { JobDeviceWork, JobMeasuringOutcomes } from './device-work.js';
import { jobCalibration } from './job-calibration.js';
import { StoredSubnets } from './stored-subnets.js';
import { StoredBundles } from './uploaded-bundles.js';

/** The services of all domains, wired to what is stored and to each other. */
export interface Service {
  readonly storage: Storage;
  readonly jobs: JobService;
  readonly sweeps: SweepService;
  readonly workerReports: WorkerReports;
  readonly jobCalibration: JobCalibration;
  readonly devices: DeviceService;
  readonly enrolments: EnrolmentService;
  readonly latencyTables: LatencyTables;
  readonly latencyImports: LatencyImports;
  readonly measuringRequests: MeasuringRequests;
  readonly measuring: MeasuringService;
  readonly calibrations: CalibrationService;
  readonly registry: RegistryService;
  readonly models: ModelService;
  readonly publishBundles: PublishBundles;
  readonly aliases: AliasService;
  readonly protectedAliases: ProtectedAliases;
  readonly fieldLatencies: FieldLatencyService;
  readonly apiKeys: ApiKeyService;
  readonly auditLog: AuditLog;
  readonly teams: TeamService;
  readonly admission: StageAdmission;
  readonly workers: WorkerService;
}

const IDENTITY: Pick<DeviceServiceParts, 'now' | 'newId'> = { now: () => new Date(), newId: randomUUID };

/** What a deployment, or a test, may choose. */
export interface ServiceOptions {
  /** How long an agent's lease holds without an extension. */
  readonly leaseMs?: number;
  /** Told of what failed while nobody waited for it. */
  readonly onError?: (error: unknown) => void;
}

const DRIFT_TEST: DriftTest = {
  nothingSeen: NO_DRIFT_SEEN,
  evidenceNeeded: BLOCKS_BETWEEN_FALSE_ALARMS,
  evidenceIn: driftEvidence,
  observe: testDrift,
};

/** Wires the services; the storage stays its opener's to close. */
export function wireService(storage: Storage, options: ServiceOptions = {}): Service {
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
  const deviceWork = new JobDeviceWork({
    ...{ requests: measuringRequests, tasks, tables, calibrations, devices },
    datasets: storage.datasets,
  });
  const jobs = new JobService({ jobs: jobRepository, lookups, devices: deviceWork, ...IDENTITY });
  const calibrationService = new CalibrationService({
    ...{ calibrations, tables, devices, calibrate: calibrator },
    accuraciesOf: accuraciesFrom(models),
    ...IDENTITY,
  });
  const { onError = () => {} } = options;
  const apiKeys = new ApiKeyService({ keys: storage.apiKeys, devices, onError, ...IDENTITY });
  const registry = new RegistryService({ models, sources: lookups, stabilityOf, ...IDENTITY });
  const protectedAliases = new ProtectedAliases(storage.protectedAliases);
  return {
    storage,
    jobs,
    sweeps: new SweepService({ sweeps: storage.sweeps, jobs, ...IDENTITY }),
    workerReports: new WorkerReports({ jobs: jobRepository, products: storage.products, now: IDENTITY.now }),
    admission: new StageAdmission({ cluster: storage.cluster, now: IDENTITY.now }),
    workers: new WorkerService({ workers: storage.workers, cluster: storage.cluster }),
    jobCalibration: jobCalibration(calibrationService),
    devices: new DeviceService({ devices, ...IDENTITY }),
    enrolments: new EnrolmentService({
      ...{ enrolments: storage.enrolments, deviceKeys: apiKeys },
      secrets: { newSecret, digestOf },
      ...IDENTITY,
    }),
    latencyTables: new LatencyTables(tables),
    latencyImports: new LatencyImports({ devices, tables, summarise, ...IDENTITY }),
    measuringRequests,
    calibrations: calibrationService,
    measuring: new MeasuringService({
      tasks,
      devices,
      wakeups,
      outcomes: new JobMeasuringOutcomes(jobs),
      summarise,
      ...IDENTITY,
      ...options,
    }),
    apiKeys,
    auditLog: new AuditLog({ entries: storage.auditLog, ...IDENTITY }),
    teams: new TeamService({ teams: storage.teams, ...IDENTITY }),
    registry,
    models: new ModelService({ models, ...IDENTITY }),
    publishBundles: new PublishBundles({ models, bundles: new StoredBundles(storage), ...IDENTITY }),
    aliases: new AliasService({
      ...{ aliases: storage.aliases, models, protection: protectedAliases },
      ...IDENTITY,
    }),
    protectedAliases,
    fieldLatencies: new FieldLatencyService({ registry, drifts, driftTest: DRIFT_TEST, ...IDENTITY }),
  };
}
