import {
  BLOCKS_BETWEEN_FALSE_ALARMS,
  driftEvidence,
  NO_DRIFT_SEEN,
  stabilityOf,
  testDrift,
} from '#calibration';
import type { CalibrationService, MeasuringRequests } from '#devices';
import type { JobService } from '#jobs';
import {
  AddendaService,
  AliasService,
  DeploymentService,
  FieldLatencyService,
  ModelService,
  ProtectedAliases,
  PublishBundles,
  RegistryService,
  SigningKeys,
  SubnetService,
  VersionCards,
  type DriftTest,
} from '#registry';
import type { Storage } from '#storage';
import { BundleIntake } from './bundle-intake/bundle-intake.js';
import { deploymentJudge } from './deployment-judge.js';
import { StoredExports } from './exports/stored-exports.js';
import { IDENTITY } from './identity.js';
import { StoredBundles } from './uploaded-bundles.js';
import { VersionDerivations } from './version-derivations.js';
import { ExportedVersionMeasuring } from './version-measuring.js';
import type { ServiceOptions } from './wire-service.js';

/** The services of models, versions and what is made of them. */
export interface RegistryServices {
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
}

export interface RegistryParts {
  readonly storage: Storage;
  readonly jobs: JobService;
  readonly measuringRequests: MeasuringRequests;
  readonly calibrationService: CalibrationService;
  readonly options: Pick<ServiceOptions, 'threadOptions' | 'signingKey'>;
}

const DRIFT_TEST: DriftTest = {
  nothingSeen: NO_DRIFT_SEEN,
  evidenceNeeded: BLOCKS_BETWEEN_FALSE_ALARMS,
  evidenceIn: driftEvidence,
  observe: testDrift,
};

/** Wires what concerns models, to what is stored and to the services that it takes. */
export function wireRegistry(parts: RegistryParts): RegistryServices {
  const { storage, options } = parts;
  const { models, lookups, drifts } = storage;
  const registry = new RegistryService({ models, sources: lookups, stabilityOf, ...IDENTITY });
  const bundleIntake = new BundleIntake(options.threadOptions);
  const protectedAliases = new ProtectedAliases(storage.protectedAliases);
  return {
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
    ...wireVersions(parts, registry, new StoredExports(storage.artifacts, options.threadOptions)),
    fieldLatencies: new FieldLatencyService({ registry, drifts, driftTest: DRIFT_TEST, ...IDENTITY }),
    versionCards: new VersionCards({
      registry,
      sources: {
        ...lookups,
        job: (actor, jobId) => storage.jobs.find(actor, jobId),
        addenda: (actor, version) => storage.addenda.list(actor, version),
      },
    }),
    signingKeys: new SigningKeys({ keys: storage.signingKeys, ownKey: options.signingKey }),
  };
}

/** What is done with versions once they are published. */
function wireVersions(
  { storage, jobs, measuringRequests, calibrationService }: RegistryParts,
  registry: RegistryService,
  subnetExports: StoredExports,
): Pick<RegistryServices, 'addenda' | 'subnets' | 'subnetExports' | 'deployments'> {
  const { addenda, deployments, lookups, measuringTasks: tasks, latencyTables: tables } = storage;
  return {
    addenda: new AddendaService({
      ...{ registry, addenda, sources: lookups, ...IDENTITY },
      derivations: new VersionDerivations({ jobs, stored: storage.jobs }),
    }),
    subnets: new SubnetService({ registry, addenda, deployments, exports: subnetExports }),
    subnetExports,
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
