import { ApiKeyService, AuditLog, digestOf, newSecret, TeamService } from '#access';
import { summarise } from '#calibration';
import {
  CalibrationService,
  DeviceService,
  EnrolmentService,
  LatencyImports,
  LatencyTables,
  MeasuringRequests,
  MeasuringService,
} from '#devices';
import {
  IdleJobs,
  JobService,
  ShownJobs,
  StageAdmission,
  SweepService,
  WorkerReports,
  WorkerService,
  type JobCalibration,
} from '#jobs';
import { currentRequestId } from '#runtime';
import type { Storage } from '#storage';
import { accuraciesFrom } from './accuracies-from.js';
import { calibrator } from './calibrator.js';
import { AllMeasuringOutcomes, JobDeviceWork, JobMeasuringOutcomes } from './device-work.js';
import { IDENTITY } from './identity.js';
import { jobCalibration } from './job-calibration.js';
import { StoredSubnets } from './stored-subnets.js';
import { wireRegistry, type RegistryServices } from './wire-registry.js';

/** The services of all domains, wired to what is stored and to each other. */
export interface Service extends RegistryServices {
  readonly storage: Storage;
  readonly jobs: JobService;
  /** What API processes say of jobs. */
  readonly shownJobs: ShownJobs;
  readonly idleJobs: IdleJobs;
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
  readonly apiKeys: ApiKeyService;
  readonly auditLog: AuditLog;
  readonly teams: TeamService;
  readonly admission: StageAdmission;
  readonly workers: WorkerService;
}

/** What a deployment, or a test, may choose. */
export interface ServiceOptions {
  /** How long an agent's lease holds without an extension. */
  readonly leaseMs?: number;
  /** Options of Node for threads; default: those of the process. */
  readonly threadOptions?: readonly string[];
  /** PEM of the Ed25519 key that signs reports in place of the one in the database. */
  readonly signingKey?: string | undefined;
  /** Told of what failed while nobody waited for it. */
  readonly onError?: (error: unknown) => void;
}

/** Wires the services; the storage stays its opener's to close. */
export function wireService(storage: Storage, options: ServiceOptions = {}): Service {
  const {
    jobs: jobRepository,
    devices,
    calibrations,
    latencyTables: tables,
    measuringTasks: tasks,
  } = storage;
  const { lookups, wakeups, models } = storage;
  const subnets = new StoredSubnets(storage.artifacts);
  const measuringRequests = new MeasuringRequests({
    ...{ tasks, devices, calibrations, tables, subnets },
    ...IDENTITY,
  });
  const deviceWork = new JobDeviceWork({
    ...{ requests: measuringRequests, tasks, tables, calibrations, devices },
    ...{ datasets: storage.datasets, openMeasurings: storage.openMeasurings },
  });
  const jobs = new JobService({
    ...{ jobs: jobRepository, lookups, devices: deviceWork, requestId: currentRequestId },
    ...IDENTITY,
  });
  const idleJobs = new IdleJobs({ cluster: storage.cluster, devices: deviceWork, now: IDENTITY.now });
  const calibrationService = new CalibrationService({
    ...{ calibrations, tables, devices, calibrate: calibrator },
    accuraciesOf: accuraciesFrom(models),
    ...IDENTITY,
  });
  const { onError = () => {} } = options;
  const apiKeys = new ApiKeyService({ keys: storage.apiKeys, devices, onError, ...IDENTITY });
  const registry = wireRegistry({ storage, jobs, measuringRequests, calibrationService, options });
  return {
    storage,
    jobs,
    shownJobs: new ShownJobs({ jobs, idle: idleJobs }),
    idleJobs,
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
      outcomes: new AllMeasuringOutcomes([new JobMeasuringOutcomes(jobs), registry.deployments]),
      summarise,
      ...IDENTITY,
      ...options,
    }),
    apiKeys,
    auditLog: new AuditLog({ entries: storage.auditLog, ...IDENTITY }),
    teams: new TeamService({ teams: storage.teams, ...IDENTITY }),
    ...registry,
  };
}
