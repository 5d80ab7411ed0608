import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { AliasAt, AppError, notFound, unknownReference, VersionReference, type Caller } from '#contracts';
import { MeasuringService } from '#devices';
import { AliasService, DeploymentService, RegistryService } from '#registry';
import { ArtifactDownloads } from '../models/artifact-downloads.js';
import type { DeviceScope } from './access.js';

/** Holds a key of role `device` to its own device: what belongs to others does not exist for it. */
@Injectable()
export class DeviceScopes {
  constructor(
    private readonly measuring: MeasuringService,
    private readonly registry: RegistryService,
    private readonly downloads: ArtifactDownloads,
    private readonly deployments: DeploymentService,
    private readonly aliases: AliasService,
  ) {}

  /** @throws AppError not_found; invalid_request naming deviceId for the lease of another device's task, or a query of another device */
  async require(scope: DeviceScope | undefined, caller: Caller, request: Request): Promise<void> {
    if (scope === undefined) throw new Error('the route is open to devices but does not say how far');
    requireOwn(caller, request.query.deviceId);
    if (scope === 'itself') return;
    if (scope === 'lease')
      return requireOwn(caller, (request.body as { deviceId?: unknown } | undefined)?.deviceId);
    if (scope === 'artifact') return this.requireArtifact(caller, String(request.params.digest));
    if (scope === 'version') return this.requireVersion(caller, request);
    if (scope === 'alias') return this.requireAlias(caller, request);
    const id = String(request.params.id);
    if ((await this.deviceOf(scope, caller, id)) !== caller.deviceId) throw notFound(scope, id);
  }

  private async deviceOf(
    scope: 'device' | 'measuring task' | 'deployment',
    caller: Caller,
    id: string,
  ): Promise<string> {
    switch (scope) {
      case 'device':
        return id;
      case 'measuring task':
        return (await this.measuring.get(caller, id)).deviceId;
      case 'deployment':
        return (await this.registry.deployment(caller, id)).deviceId;
    }
  }

  private async requireArtifact(caller: Caller, digest: string): Promise<void> {
    const { deviceId } = caller;
    const named = deviceId !== undefined && (await this.downloads.isMeasuredBy(caller, deviceId, digest));
    if (!named) throw notFound('artifact', digest);
  }

  /** What is not deployed on the device is not there for it. */
  private async requireVersion(caller: Caller, { params }: Request): Promise<void> {
    const [model, version] = [String(params.name), Number(params.version)];
    if (!(await this.isDeployed(caller, { model, version })))
      throw notFound('model version', `${model}/${String(params.version)}`);
  }

  /** An alias of what is not deployed on the device is not there for it either. */
  private async requireAlias(caller: Caller, { params, query }: Request): Promise<void> {
    const place = { model: String(params.name), alias: String(params.alias) };
    const at = AliasAt.safeParse(query).data?.at;
    const found =
      at === undefined
        ? await this.aliases.get(caller, place)
        : await this.aliases.asOf(caller, place, new Date(at));
    if (await this.isDeployed(caller, found)) return;
    const detail = `model "${place.model}" has no alias "${place.alias}" of a version that is deployed on this device`;
    throw new AppError('not_found', detail);
  }

  private async isDeployed(caller: Caller, { model, version }: VersionReference): Promise<boolean> {
    if (!VersionReference.safeParse({ model, version }).success) return false;
    const place = { model, version, deviceId: caller.deviceId ?? '' };
    return (await this.deployments.newest(caller, place)) !== undefined;
  }
}

/** What names no device is for its contract to refuse, or about none. */
function requireOwn({ deviceId }: Caller, asked: unknown): void {
  if (typeof asked === 'string' && asked !== deviceId) throw unknownReference('deviceId', asked, 'device');
}
