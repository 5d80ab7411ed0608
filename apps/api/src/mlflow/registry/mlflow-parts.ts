import { randomUUID } from 'node:crypto';
import type { Provider } from '@nestjs/common';
import type { ApiParts } from '../../api-parts.js';
import { DEFAULT_FILE_BYTES } from '../../uploads/upload-limits.js';
import { ArtifactProxy } from './artifact-proxy.js';
import { MLFLOW_LOGGER } from './mlflow-error.filter.js';
import { MlflowRegistry } from './mlflow-registry.js';
import { VersionSources } from './version-sources.js';

/** What the routes of MLflow's clients are made of, as Nest's providers. */
export function mlflowPartsOf({ service, uploads, logger }: ApiParts): Provider[] {
  const { registry, models, aliases, publishBundles: bundles, storage } = service;
  const { folder, maxFileBytes = DEFAULT_FILE_BYTES } = uploads;
  const sources = new VersionSources({ registry, aliases, files: storage.proxiedFiles });
  const parts = { registry, models, aliases, bundles, sources, newId: randomUUID };
  return [
    { provide: MLFLOW_LOGGER, useValue: logger },
    { provide: MlflowRegistry, useValue: new MlflowRegistry(parts) },
    { provide: ArtifactProxy, useValue: new ArtifactProxy({ storage, registry, folder, maxFileBytes }) },
  ];
}
