import type { ApiKeyRepository, AuditLogRepository, TeamRepository } from '#access';
import { AppError, type Dataset } from '#contracts';
import type {
  CalibrationRepository,
  DeviceRepository,
  EnrolmentRepository,
  LatencyTableRepository,
  MeasuringTaskRepository,
  OpenMeasurings,
  MeasuringWakeups,
} from '#devices';
import type {
  Cluster,
  JobLookups,
  JobProducts,
  JobRepository,
  JobStatistics,
  JobWakeups,
  OutboxRepository,
  SweepMessage,
  SweepRepository,
  SweepWakeups,
  WorkerRepository,
  WorkerWakeups,
} from '#jobs';
import type { ProxiedFiles, RunRepository } from '#mlflow';
import type {
  AliasRepository,
  DatasetRepository,
  DriftRepository,
  ModelRepository,
  ProtectedAliasRepository,
  PublishingSources,
  UploadRepository,
  AddendumRepository,
  DeploymentRepository,
  SigningKeyRepository,
} from '#registry';
import type { DeliveryQueue, WebhookRepository, WebhookWakeups } from '#webhooks';
import { PostgresApiKeyRepository } from './access/api-key.repository.js';
import { PostgresAuditLogRepository } from './access/audit-log.repository.js';
import { PostgresTeamRepository } from './access/team.repository.js';
import { RecentlyUsed, within } from '#runtime';
import { ArtifactCollector } from './artifacts/artifact-collector.js';
import { ArtifactReferences } from './artifacts/artifact-references.js';
import { ArtifactRepository } from './artifacts/artifact.repository.js';
import type { ArtifactStore } from './artifacts/artifact-store.js';
import type { ObjectFiles } from './artifacts/object-files.js';
import { openArtifacts } from './artifacts/open-artifacts.js';
import { openDatabase, type Database } from './database/database.js';
import { IdempotencyStore } from './database/idempotency-store.js';
import { PostgresWakeups } from './database/wakeups.js';
import { PostgresCalibrationRepository } from './devices/calibration.repository.js';
import { PostgresDeviceRepository } from './devices/device.repository.js';
import { PostgresEnrolmentRepository } from './devices/enrolment.repository.js';
import { PostgresLatencyTableRepository } from './devices/latency-table.repository.js';
import { PostgresMeasuringTaskRepository } from './devices/measuring-task.repository.js';
import { PostgresOpenMeasurings } from './devices/open-measurings.js';
import { PostgresJobProducts } from './jobs/job-products.js';
import { PostgresJobStatistics } from './jobs/job-statistics.js';
import { PostgresJobRepository } from './jobs/job.repository.js';
import { jobOutbox, sweepOutbox } from './jobs/outbox.repository.js';
import { PostgresSweepRepository } from './jobs/sweep.repository.js';
import { PostgresCluster } from './jobs/postgres-cluster.js';
import { PostgresWorkerRepository } from './jobs/worker.repository.js';
import { PostgresAliasRepository, PostgresProtectedAliasRepository } from './registry/alias.repository.js';
import { PostgresAddendumRepository } from './registry/addendum.repository.js';
import { PostgresDatasetRepository } from './registry/dataset.repository.js';
import { PostgresDeploymentRepository } from './registry/deployment.repository.js';
import { PostgresDriftRepository } from './registry/drift.repository.js';
import { PostgresModelRepository } from './registry/model.repository.js';
import type { LoggedJobs } from './mlflow/logged-jobs.js';
import { PostgresProxiedFiles } from './mlflow/proxied-files.repository.js';
import { PostgresMlflowRuns } from './mlflow/mlflow-run.repository.js';
import { PostgresUploadRepository } from './uploads/upload.repository.js';
import { PostgresSigningKeyRepository } from './registry/signing-key.repository.js';
import { PostgresDeliveryQueue } from './webhooks/delivery-queue.js';
import { PostgresWebhookRepository } from './webhooks/webhook.repository.js';

export interface StorageOptions {
  readonly databaseUrl: string;
  /** A directory, as a path or as a file: URL, or s3://BUCKET/PREFIX (docs/artifacts.md). */
  readonly artifactsUrl: string;
  /** Told of connections that broke while nobody waited for them; they are replaced. */
  readonly onError: (error: Error) => void;
  /** Trace context of the work that is going on; messages to the queue carry it. */
  readonly traceparent?: () => string | undefined;
  /** Whose jobs MLflow is told of; nobody's without it. */
  readonly loggedJobs?: LoggedJobs | undefined;
}

/** Everything that is kept: implementations of the ports of jobs, devices, registry, webhooks and access, and the artifacts. */
export interface Storage {
  readonly jobs: JobRepository;
  readonly products: JobProducts;
  readonly outbox: OutboxRepository;
  readonly sweeps: SweepRepository;
  readonly sweepOutbox: OutboxRepository<SweepMessage>;
  /** Of all teams, for metrics. */
  readonly statistics: JobStatistics;
  readonly workers: WorkerRepository;
  readonly cluster: Cluster;
  readonly devices: DeviceRepository;
  readonly enrolments: EnrolmentRepository;
  readonly measuringTasks: MeasuringTaskRepository;
  /** Of all teams. */
  readonly openMeasurings: OpenMeasurings;
  readonly latencyTables: LatencyTableRepository;
  readonly calibrations: CalibrationRepository;
  readonly datasets: DatasetRepository;
  readonly models: ModelRepository;
  readonly aliases: AliasRepository;
  readonly protectedAliases: ProtectedAliasRepository;
  readonly uploads: UploadRepository;
  readonly addenda: AddendumRepository;
  readonly deployments: DeploymentRepository;
  readonly drifts: DriftRepository;
  readonly signingKeys: SigningKeyRepository;
  readonly apiKeys: ApiKeyRepository;
  readonly auditLog: AuditLogRepository;
  readonly teams: TeamRepository;
  readonly lookups: JobLookups & PublishingSources;
  readonly wakeups: JobWakeups & SweepWakeups & MeasuringWakeups & WebhookWakeups & WorkerWakeups;
  readonly webhooks: WebhookRepository;
  readonly webhookDeliveries: DeliveryQueue;
  /** Of the jobs that MLflow is told of. */
  readonly mlflowRuns: RunRepository;
  readonly proxiedFiles: ProxiedFiles;
  readonly idempotency: IdempotencyStore;
  /** The files themselves. */
  readonly artifacts: ArtifactStore;
  /** Files with names, whose content may change. */
  readonly objectFiles: ObjectFiles;
  /** Which of the files a team may read. */
  readonly artifactRecords: ArtifactRepository;
  /** Removes files that nothing refers to. */
  readonly artifactCollector: ArtifactCollector;
  /** Removes what writers of artifacts that were killed left behind. @throws AggregateError of what could not be removed */
  removeUnfinishedArtifacts(): Promise<void>;
  /** @throws AppError unavailable when the database does not answer. */
  health(): Promise<void>;
  close(): Promise<void>;
}

const HEALTH_TIMEOUT_MS = 2_000;

/**
 * Opens a database whose migrations are applied, and the artifact store.
 * @throws ConfigError for a bad artifactsUrl, or the connection's error when the database cannot be reached.
 */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const artifacts = await openArtifacts(options.artifactsUrl);
  const wakeups = await PostgresWakeups.open(options.databaseUrl, options.onError);
  const database = openDatabase(options.databaseUrl, options.onError);
  const idempotency = new IdempotencyStore(database, options.onError);
  return {
    ...repositories(database, new ArtifactReferences(artifacts.store), options),
    wakeups,
    idempotency,
    artifacts: artifacts.store,
    objectFiles: artifacts.objectFiles,
    removeUnfinishedArtifacts: artifacts.removeUnfinished,
    artifactRecords: new ArtifactRepository(database),
    artifactCollector: new ArtifactCollector(database, artifacts.store),
    health: async () => {
      const query = database.$queryRaw`SELECT 1`;
      await within(
        HEALTH_TIMEOUT_MS,
        'the database',
        query,
        (message) => new AppError('unavailable', message),
      );
    },
    close: async () => {
      idempotency.close();
      await wakeups.close();
      await database.$disconnect();
      artifacts.close();
    },
  };
}

function repositories(
  database: Database,
  references: ArtifactReferences,
  { traceparent = () => undefined, loggedJobs }: StorageOptions,
) {
  const devices = new PostgresDeviceRepository(database);
  const latencyTables = new PostgresLatencyTableRepository(database);
  const calibrations = new PostgresCalibrationRepository(database);
  const datasets = new PostgresDatasetRepository(database, references);
  const models = new PostgresModelRepository(database, references);
  const jobs = new PostgresJobRepository(database, references, traceparent, loggedJobs);
  const lookups: JobLookups & PublishingSources = {
    dataset: rememberedDatasets(datasets),
    calibration: (actor, id) => calibrations.find(actor, id),
    latencyTable: (actor, id) => latencyTables.find(actor, id),
    modelVersion: (actor, { model, version }) => models.findVersion(actor, model, version),
    device: (actor, id) => devices.find(actor, id),
    verification: (actor, taskId) => latencyTables.findByTask(actor, taskId),
  };
  return {
    jobs,
    products: new PostgresJobProducts(jobs, references),
    statistics: new PostgresJobStatistics(database),
    enrolments: new PostgresEnrolmentRepository(database),
    outbox: jobOutbox(database),
    sweeps: new PostgresSweepRepository(database, traceparent, loggedJobs),
    sweepOutbox: sweepOutbox(database),
    workers: new PostgresWorkerRepository(database),
    cluster: new PostgresCluster(database, jobs),
    measuringTasks: new PostgresMeasuringTaskRepository(database, references),
    openMeasurings: new PostgresOpenMeasurings(database),
    addenda: new PostgresAddendumRepository(database),
    deployments: new PostgresDeploymentRepository(database),
    drifts: new PostgresDriftRepository(database),
    aliases: new PostgresAliasRepository(database),
    protectedAliases: new PostgresProtectedAliasRepository(database),
    uploads: new PostgresUploadRepository(database, references),
    signingKeys: new PostgresSigningKeyRepository(database),
    webhooks: new PostgresWebhookRepository(database),
    webhookDeliveries: new PostgresDeliveryQueue(database),
    mlflowRuns: new PostgresMlflowRuns(database, loggedJobs ?? {}),
    proxiedFiles: new PostgresProxiedFiles(database, references),
    apiKeys: new PostgresApiKeyRepository(database),
    auditLog: new PostgresAuditLogRepository(database),
    teams: new PostgresTeamRepository(database),
    ...{ devices, models, latencyTables, calibrations, datasets, lookups },
  };
}

/** Submissions ask for the same few datasets again and again, and a dataset never changes. */
function rememberedDatasets(datasets: DatasetRepository): JobLookups['dataset'] {
  const remembered = new RecentlyUsed<Dataset>({ maxEntries: 200, maxAgeMs: 10_000 });
  return async (actor, id) => {
    const key = `${actor.teamId} ${id}`;
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const dataset = await datasets.find(actor, id);
    if (dataset !== undefined) remembered.set(key, dataset);
    return dataset;
  };
}
