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
  AddendaService,
  DeploymentService,
  SubnetService,
  SigningKeys,
  VersionCards,
  type DriftTest,
} from '#registry';
import type { Storage } from '#storage';
import { accuraciesFrom } from './accuracies-from.js';
import { BundleIntake } from './bundle-intake/bundle-intake.js';
import { calibrator } from './calibrator.js';
import { deploymentJudge } from './deployment-judge.js';
import { AllMeasuringOutcomes, JobDeviceWork, JobMeasuringOutcomes } from './device-work.js';
import { StoredExports } from './exports/stored-exports.js';
import { jobCalibration } from './job-calibration.js';
import { StoredSubnets } from './stored-subnets.js';
import { StoredBundles } from './uploaded-bundles.js';
import { VersionDerivations } from './version-derivations.js';
import { ExportedVersionMeasuring } from './version-measuring.js';

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
  readonly bundleIntake: BundleIntake;
  readonly aliases: AliasService;
  readonly protectedAliases: ProtectedAliases;
  readonly addenda: AddendaService;
  readonly subnets: SubnetService;
  readonly subnetExports: StoredExports;
  readonly deployments: DeploymentService;
  readonly fieldLatencies: FieldLatencyService;
  readonly versionCards: VersionCards;
  readonly signingKeys: SigningKeys;
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
  /** Options of Node for threads; default: those of the process. */
  readonly threadOptions?: readonly string[];
  /** PEM of the Ed25519 key that signs reports in place of the one in the database. */
  readonly signingKey?: string | undefined;
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
  const { onError = () => {}, signingKey } = options;
  const apiKeys = new ApiKeyService({ keys: storage.apiKeys, devices, onError, ...IDENTITY });
  const registry = new RegistryService({ models, sources: lookups, stabilityOf, ...IDENTITY });
  const protectedAliases = new ProtectedAliases(storage.protectedAliases);
  const subnetExports = new StoredExports(storage.artifacts, options.threadOptions);
  const bundleIntake = new BundleIntake(options.threadOptions);
  const versions = wireVersions({
    registry,
    jobs,
    measuringRequests,
    calibrationService,
    subnetExports,
    storage,
  });
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
      outcomes: new AllMeasuringOutcomes([new JobMeasuringOutcomes(jobs), versions.deployments]),
      summarise,
      ...IDENTITY,
      ...options,
    }),
    apiKeys,
    auditLog: new AuditLog({ entries: storage.auditLog, ...IDENTITY }),
    teams: new TeamService({ teams: storage.teams, ...IDENTITY }),
    registry,
    models: new ModelService({ models, ...IDENTITY }),
    publishBundles: new PublishBundles({
      models,
      bundles: new StoredBundles(storage, bundleIntake),
      ...IDENTITY,
    }),
    bundleIntake,
    aliases: new AliasService({
      ...{ aliases: storage.aliases, models, protection: protectedAliases },
      ...IDENTITY,
    }),
    protectedAliases,
    ...versions,
    subnetExports,
    fieldLatencies: new FieldLatencyService({ registry, drifts, driftTest: DRIFT_TEST, ...IDENTITY }),
    versionCards: new VersionCards({
      registry,
      sources: {
        ...lookups,
        job: (actor, jobId) => jobRepository.find(actor, jobId),
        addenda: (actor, version) => storage.addenda.list(actor, version),
      },
    }),
    signingKeys: new SigningKeys({ keys: storage.signingKeys, ownKey: signingKey }),
  };
}

interface VersionParts {
  readonly registry: RegistryService;
  readonly jobs: JobService;
  readonly measuringRequests: MeasuringRequests;
  readonly calibrationService: CalibrationService;
  readonly subnetExports: StoredExports;
  readonly storage: Storage;
}

/** What is done with versions once they are published. */
function wireVersions({
  registry,
  jobs,
  measuringRequests,
  calibrationService,
  subnetExports,
  storage,
}: VersionParts) {
  const { addenda, deployments, lookups, measuringTasks: tasks, latencyTables: tables } = storage;
  return {
    addenda: new AddendaService({
      ...{ registry, addenda, sources: lookups, ...IDENTITY },
      derivations: new VersionDerivations({ jobs, stored: storage.jobs }),
    }),
    subnets: new SubnetService({ registry, addenda, deployments, exports: subnetExports }),
    deployments: new DeploymentService({
      ...{ registry, addenda, deployments, stabilityOf, ...IDENTITY },
      sources: { ...lookups, measuringTask: (actor, id) => tasks.find(actor, id) },
      measuring: new ExportedVersionMeasuring({
        ...{ requests: measuringRequests, exports: subnetExports, tables, tasks },
      }),
      judge: deploymentJudge(calibrationService),
    }),
  };
}
