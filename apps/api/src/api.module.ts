import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { ApiKeyService, AuditLog, TeamService } from '#access';
import {
  CalibrationService,
  DeviceService,
  LatencyImports,
  EnrolmentService,
  LatencyTables,
  MeasuringRequests,
  MeasuringService,
} from '#devices';
import { JobService, ShownJobs, SweepService, WorkerService } from '#jobs';
import {
  AliasService,
  FieldLatencyService,
  ModelService,
  ProtectedAliases,
  PublishBundles,
  RegistryService,
  AddendaService,
  DeploymentService,
  SigningKeys,
  SubnetService,
  VersionCards,
} from '#registry';
import { isochronVersion } from '#runtime';
import { WebhookService } from '#webhooks';
import { AccessModule } from './access/access.module.js';
import { DeviceScopes } from './access/device-scopes.js';
import type { ApiParts } from './api-parts.js';
import { CalibrationsModule } from './calibrations/calibrations.module.js';
import { DatasetIntake } from './datasets/dataset-intake.js';
import { DatasetRoots } from './datasets/dataset-roots.js';
import { DatasetService } from './datasets/dataset.service.js';
import { DatasetsModule } from './datasets/datasets.module.js';
import { DeploymentsModule } from './deployments/deployments.module.js';
import { DevicesModule } from './devices/devices.module.js';
import { EnrolmentsModule } from './enrolments/enrolments.module.js';
import { HealthChecks } from './health/health-checks.js';
import { HealthModule } from './health/health.module.js';
import { FollowedEvents } from './http/followed-events.js';
import { IDEMPOTENCY_STORE } from './http/idempotency.interceptor.js';
import { ShutdownSignal } from './http/shutdown-signal.js';
import { JobSubmissions } from './jobs/job-submissions.js';
import { JobsModule } from './jobs/jobs.module.js';
import { LatencyTablesModule } from './latency-tables/latency-tables.module.js';
import { MeasuringModule } from './measuring/measuring.module.js';
import { ArtifactDownloads } from './models/artifact-downloads.js';
import { BundleBodies } from './models/bundle-bodies.js';
import { API_METRICS } from './metrics/metrics.controller.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { mlflowPartsOf } from './mlflow/registry/mlflow-parts.js';
import { MlflowModule } from './mlflow/registry/mlflow.module.js';
import { ModelsModule } from './models/models.module.js';
import { OpenApiDocument } from './openapi/openapi-document.js';
import { OpenApiModule } from './openapi/openapi.module.js';
import { ResumableUploadsModule } from './resumable-uploads/resumable-uploads.module.js';
import { ResumableUploads } from './resumable-uploads/resumable-uploads.js';
import { SubnetsModule } from './subnets/subnets.module.js';
import { SweepsModule } from './sweeps/sweeps.module.js';
import { TeamModule } from './team/team.module.js';
import { DEFAULT_FILE_BYTES, UPLOAD_LIMITS } from './uploads/upload-limits.js';
import { SigningKeysModule } from './signing-keys/signing-keys.module.js';
import { SignedReports } from './stability-reports/signed-reports.js';
import { StabilityReportsModule } from './stability-reports/stability-reports.module.js';
import { VersionCardsModule } from './version-cards/version-cards.module.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';
import { WorkersModule } from './workers/workers.module.js';

/** Has Nest know the services, which are plain classes; every feature module may ask for them. */
@Module({})
class PartsModule {
  static with(parts: ApiParts): DynamicModule {
    const providers = [...servicesOf(parts), ...httpPartsOf(parts), ...mlflowPartsOf(parts)];
    return { module: PartsModule, global: true, providers, exports: providers };
  }
}

@Module({})
export class ApiModule {
  static with(parts: ApiParts): DynamicModule {
    const features = [
      AccessModule,
      DevicesModule,
      EnrolmentsModule,
      MeasuringModule,
      LatencyTablesModule,
      CalibrationsModule,
      DatasetsModule,
      JobsModule,
      SweepsModule,
      WorkersModule,
      TeamModule,
      ModelsModule,
      ResumableUploadsModule,
      DeploymentsModule,
      SubnetsModule,
      VersionCardsModule,
      StabilityReportsModule,
      SigningKeysModule,
      WebhooksModule,
      HealthModule,
      MetricsModule,
      OpenApiModule,
      MlflowModule,
    ];
    return { module: ApiModule, imports: [PartsModule.with(parts), ...features] };
  }
}

function servicesOf({ service, webhooks, uploads, datasetRoots = [] }: ApiParts): Provider[] {
  const { storage } = service;
  const { datasets, artifacts, jobs, sweeps, wakeups, lookups } = storage;
  const intake = new DatasetIntake(uploads.folder, new DatasetRoots(datasetRoots));
  return [
    { provide: ApiKeyService, useValue: service.apiKeys },
    { provide: AuditLog, useValue: service.auditLog },
    { provide: TeamService, useValue: service.teams },
    { provide: DeviceService, useValue: service.devices },
    { provide: EnrolmentService, useValue: service.enrolments },
    { provide: LatencyTables, useValue: service.latencyTables },
    { provide: LatencyImports, useValue: service.latencyImports },
    { provide: MeasuringRequests, useValue: service.measuringRequests },
    { provide: MeasuringService, useValue: service.measuring },
    { provide: CalibrationService, useValue: service.calibrations },
    { provide: DatasetService, useValue: new DatasetService({ datasets, artifacts, intake }) },
    { provide: JobService, useValue: service.jobs },
    { provide: ShownJobs, useValue: service.shownJobs },
    { provide: WorkerService, useValue: service.workers },
    { provide: JobSubmissions, useValue: new JobSubmissions({ jobs: service.jobs, lookups }) },
    { provide: FollowedEvents, useValue: new FollowedEvents({ jobs, sweeps, wakeups }) },
    { provide: SweepService, useValue: service.sweeps },
    { provide: RegistryService, useValue: service.registry },
    { provide: ModelService, useValue: service.models },
    { provide: PublishBundles, useValue: service.publishBundles },
    { provide: AliasService, useValue: service.aliases },
    { provide: ProtectedAliases, useValue: service.protectedAliases },
    { provide: AddendaService, useValue: service.addenda },
    { provide: SubnetService, useValue: service.subnets },
    { provide: DeploymentService, useValue: service.deployments },
    { provide: FieldLatencyService, useValue: service.fieldLatencies },
    { provide: VersionCards, useValue: service.versionCards },
    { provide: SigningKeys, useValue: service.signingKeys },
    { provide: SignedReports, useValue: signedReports(service) },
    { provide: WebhookService, useValue: webhooks },
    { provide: ArtifactDownloads, useValue: new ArtifactDownloads(storage) },
    {
      provide: BundleBodies,
      useValue: new BundleBodies({ ...bundleParts(service), ...uploadPartsOf(uploads) }),
    },
    { provide: ResumableUploads, useValue: new ResumableUploads({ storage, ...uploadPartsOf(uploads) }) },
  ];
}

function bundleParts({ bundleIntake: intake, publishBundles: bundles, storage }: ApiParts['service']) {
  return { intake, bundles, artifacts: storage.artifacts };
}

function uploadPartsOf({ folder, maxFileBytes = DEFAULT_FILE_BYTES }: ApiParts['uploads']) {
  return { folder, maxFileBytes };
}

function signedReports({ versionCards: cards, signingKeys: keys }: ApiParts['service']): SignedReports {
  return new SignedReports({ cards, keys, madeBy: { name: 'isochron', version: isochronVersion() } });
}

function httpPartsOf({ service, queue, uploads, metrics, logger }: ApiParts): Provider[] {
  const { storage } = service;
  const checks = new HealthChecks(
    [
      { name: 'database', kind: 'postgres', check: () => storage.health() },
      { name: 'queue', kind: queue.kind, check: () => queue.health() },
      { name: 'artifacts', kind: storage.artifacts.kind, check: () => storage.artifacts.health() },
    ],
    (part, error) => logger.warn({ err: error, part }, 'a part does not answer'),
  );
  return [
    { provide: HealthChecks, useValue: checks },
    { provide: API_METRICS, useValue: metrics },
    { provide: IDEMPOTENCY_STORE, useValue: storage.idempotency },
    { provide: UPLOAD_LIMITS, useValue: uploads },
    DeviceScopes,
    { provide: ShutdownSignal, useValue: new ShutdownSignal() },
    OpenApiDocument,
  ];
}
