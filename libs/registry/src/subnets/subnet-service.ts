import {
  AppError,
  type Actor,
  type Deployment,
  type ExportQuery,
  type ListSubnets,
  type ModelAddendum,
  type ModelVersion,
  type SubnetChoice,
  type VersionSubnet,
  type VersionSubnets,
} from '#contracts';
import type { AddendumRepository } from '../addenda/addendum-repository.port.js';
import type { DeploymentRepository } from '../deployments/deployment-repository.port.js';
import { operatingPointOf } from '../operating-point-of.js';
import { ratiosOf } from '../version-ratios.js';
import type { RegistryService } from '../registry-service.js';
import type { ExportedSubnet, SubnetExports } from './subnet-exports.port.js';

export interface SubnetServiceParts {
  readonly registry: Pick<RegistryService, 'version'>;
  readonly addenda: AddendumRepository;
  readonly deployments: Pick<DeploymentRepository, 'newest'>;
  readonly exports: SubnetExports;
}

/** The small dense networks of versions: which there are, and as files for other runtimes. */
export class SubnetService {
  constructor(private readonly parts: SubnetServiceParts) {}

  /**
   * All that a version has, or the one that runs at an operating point of a device.
   * @throws AppError not_found for the version, and where it has no deployment on the device; invalid_request (naming
   * operatingPoint)
   */
  async list(actor: Actor, model: string, number: number, query: ListSubnets): Promise<VersionSubnets> {
    const { registry, exports } = this.parts;
    const version = await registry.version(actor, model, number);
    const { input, classes } = version;
    const subnets = subnetsOf(version, await this.addendaOf(actor, version));
    const shown = { model, version: number, input, classes, onnxOpset: exports.onnxOpset };
    const chosen = await this.chosen(actor, version, query);
    if (chosen === undefined) return { ...shown, subnets };
    const { deployment, point } = chosen;
    return {
      ...shown,
      subnets: subnets.filter(({ ratio }) => ratio === point.ratio),
      chosenBy: choiceBy(deployment, point),
    };
  }

  /**
   * Where the file of the subnet is that runs at an operating point of a device; undefined where the query asks for none.
   * @throws AppError as `list`
   */
  async fileFor(
    actor: Actor,
    model: string,
    number: number,
    query: ListSubnets,
  ): Promise<string | undefined> {
    const { format, batch, batchNorm } = query;
    if (format === undefined) return undefined;
    const version = await this.parts.registry.version(actor, model, number);
    const chosen = await this.chosen(actor, version, query);
    if (chosen === undefined) return undefined;
    const asked = { format, ...(batch && { batch: String(batch) }), ...(batchNorm && { batchNorm }) };
    return `${urlOf(version)}/${chosen.point.ratio}?${new URLSearchParams(asked).toString()}`;
  }

  /**
   * One subnet as a file. @throws AppError not_found, naming the ratios that there are; artifact_corrupt
   * @param ratio as the path has it
   */
  async export(
    actor: Actor,
    model: string,
    number: number,
    ratio: string,
    target: ExportQuery,
  ): Promise<ExportedSubnet & { readonly fileName: string }> {
    const version = await this.parts.registry.version(actor, model, number);
    const subnets = subnetsOf(version, await this.addendaOf(actor, version));
    const found = subnets.find((subnet) => isNumber(ratio) && subnet.ratio === Number(ratio));
    if (found === undefined) throw noSuchSubnet(version, ratio, subnets);
    const exported = await this.parts.exports.export({
      ...{ model, version: number, ratio: found.ratio, target },
      bundle: version.bundle.digest,
      addendum: found.addendum,
    });
    const ending = target.format === 'onnx' ? 'onnx' : 'tfjs.tar';
    return { ...exported, fileName: `${model}-${number}-${found.ratio}.${ending}` };
  }

  private addendaOf(actor: Actor, { model, version }: ModelVersion): Promise<ModelAddendum[]> {
    return this.parts.addenda.list(actor, { model, version });
  }

  /** What runs where a query asks for, if it does. */
  private async chosen(
    actor: Actor,
    version: ModelVersion,
    { deviceId, operatingPoint }: ListSubnets,
  ): Promise<Chosen | undefined> {
    if (deviceId === undefined || operatingPoint === undefined) return undefined;
    const deployment = await this.newest(actor, version, deviceId);
    return { deployment, point: operatingPointOf(deployment, operatingPoint) };
  }

  private async newest(
    actor: Actor,
    { model, version }: ModelVersion,
    deviceId: string,
  ): Promise<Deployment> {
    const deployment = await this.parts.deployments.newest(actor, { model, version, deviceId });
    if (deployment !== undefined) return deployment;
    const how = `POST {"deviceId": "${deviceId}"} to /v1/models/${model}/versions/${version}/deployments makes one`;
    const detail = `version ${version} of "${model}" has no deployment on device "${deviceId}": ${how}`;
    throw new AppError('not_found', detail);
  }
}

interface Chosen {
  readonly deployment: Deployment;
  readonly point: Deployment['points'][number];
}

const urlOf = ({ model, version }: ModelVersion): string => `/v1/models/${model}/versions/${version}/subnets`;

const isNumber = (text: string): boolean => /^\d(\.\d{1,20})?$/.test(text);

function subnetsOf(version: ModelVersion, addenda: readonly ModelAddendum[]): VersionSubnet[] {
  return ratiosOf(version, addenda).map(({ ratio, accuracy, macs, parameters, derived, addendum }) => ({
    ...{ ratio, accuracy, macs, parameters, derived },
    ...(addendum !== undefined && { addendum }),
    url: `${urlOf(version)}/${ratio}`,
  }));
}

function choiceBy({ id, deviceId }: Deployment, point: Chosen['point']): SubnetChoice {
  const { operatingPoint, calibrated, withinTolerance } = point;
  return { deploymentId: id, deviceId, operatingPoint, calibrated, withinTolerance };
}

function noSuchSubnet(
  { model, version }: ModelVersion,
  ratio: string,
  subnets: readonly VersionSubnet[],
): AppError {
  const expected = `one of ${subnets.map((subnet) => subnet.ratio).join(', ')}`;
  const how = `POST {"ratios": [...]} to /v1/models/${model}/versions/${version}/addenda adds ratios between the trained ones`;
  const detail = `version ${version} of "${model}" has no ratio ${ratio}: expected ${expected}; ${how}`;
  return new AppError('not_found', detail, { fields: [{ field: 'ratio', value: ratio, expected }] });
}
