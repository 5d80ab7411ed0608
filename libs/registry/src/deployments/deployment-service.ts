import {
  AppError,
  unknownReference,
  type Actor,
  type Calibration,
  type CreateDeployment,
  type Deployment,
  type DeploymentOrder,
  type LatencyTable,
  type ListDeployments,
  type MeasuringTask,
  type ModelVersion,
  type Page,
  type VersionDeployment,
  type VersionReference,
} from '#contracts';
import type { AddendumRepository } from '../addenda/addendum-repository.port.js';
import { invalid } from '../addenda/check-addendum.js';
import { ratiosOf } from '../version-ratios.js';
import type { StabilityOf } from '../build-deployment.js';
import type { RegistryService } from '../registry-service.js';
import type { DeploymentJudge, DeploymentSources } from './deployment-judge.port.js';
import { calibrationOf, orderOf } from './deployment-order.js';
import type { DeploymentRepository, FailedDeployment, MadeDeployment } from './deployment-repository.port.js';
import { measuredDeployment } from './measured-deployment.js';
import type { VersionMeasurement, VersionMeasuring } from './version-measuring.port.js';

export interface DeploymentServiceParts {
  readonly registry: Pick<RegistryService, 'version'>;
  readonly addenda: AddendumRepository;
  readonly deployments: DeploymentRepository;
  readonly sources: DeploymentSources;
  readonly measuring: VersionMeasuring;
  readonly judge: DeploymentJudge;
  readonly stabilityOf: StabilityOf;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** Deployments of versions that are there already: made anew when a device is measured again. */
export class DeploymentService {
  constructor(private readonly parts: DeploymentServiceParts) {}

  /** Newest first, of one device if asked. @throws AppError not_found */
  async list(
    actor: Actor,
    model: string,
    version: number,
    query: ListDeployments,
  ): Promise<Page<VersionDeployment>> {
    await this.parts.registry.version(actor, model, version);
    return this.parts.deployments.list(actor, { model, version }, query);
  }

  /** Of a version on a device. */
  newest(
    actor: Actor,
    place: VersionReference & { readonly deviceId: string },
  ): Promise<Deployment | undefined> {
    return this.parts.deployments.newest(actor, place);
  }

  /**
   * Has the device measure the version's subnets at its operating points; the deployment is made when it has.
   * @throws AppError not_found, invalid_request (naming deviceId, calibrationId or a ratio)
   */
  async measure(
    actor: Actor,
    model: string,
    number: number,
    request: CreateDeployment,
    id = this.parts.newId(),
  ): Promise<MeasuringTask> {
    const { deviceId, protocol } = request;
    const version = await this.parts.registry.version(actor, model, number);
    const before = await this.parts.deployments.newest(actor, { model, version: number, deviceId });
    const order = await this.order(actor, version, request, before);
    const ratios = await this.ratiosToMeasure(actor, version, request.ratios);
    return this.parts.measuring.measure(actor, { version, deviceId, ratios, order, protocol, before }, id);
  }

  /**
   * Makes a deployment of measurements that are there.
   * @throws AppError not_found, invalid_request (naming deviceId, calibrationId or latencyTableId) or latency_table_unusable
   */
  async deploy(
    actor: Actor,
    model: string,
    number: number,
    request: CreateDeployment & { readonly latencyTableId: string },
    id = this.parts.newId(),
  ): Promise<Deployment> {
    const { deviceId, latencyTableId } = request;
    const version = await this.parts.registry.version(actor, model, number);
    const table = await this.parts.sources.latencyTable(actor, latencyTableId);
    if (table === undefined) throw unknownReference('latencyTableId', latencyTableId, 'latency table');
    await this.requireOwn(actor, version, table, deviceId);
    const before = await this.parts.deployments.newest(actor, { model, version: number, deviceId });
    const order = await this.order(actor, version, request, before);
    const made = await this.made(actor, version, { table, order, id });
    await this.parts.deployments.create(made);
    return made.deployment;
  }

  /** Told of a measuring task that ended: makes the deployment that it was for, once. Other tasks are passed over. */
  async ended(task: MeasuringTask): Promise<void> {
    const { deploys, deployed, state } = task;
    if (deploys === undefined || deployed !== undefined || state !== 'completed') return;
    await this.parts.deployments.settle(task.id, await this.outcomeOf(task, deploys));
  }

  /** Makes up for what nobody was told of, because a process died. @throws AggregateError of what failed, after all were tried */
  async settleMissed(completedBefore: Date): Promise<void> {
    const tasks = await this.parts.deployments.unsettled({ completedBefore, limit: 100 });
    const errors: unknown[] = [];
    for (const task of tasks) await this.ended(task).catch((error: unknown) => errors.push(error));
    if (errors.length > 0)
      throw new AggregateError(errors, 'deployments of measured versions could not be made');
  }

  /** What no other try would mend is an outcome too. */
  private async outcomeOf(
    task: MeasuringTask,
    order: DeploymentOrder,
  ): Promise<MadeDeployment | FailedDeployment> {
    const { registry, sources, newId } = this.parts;
    try {
      const version = await registry.version(task, order.model, order.version);
      const table = await sources.latencyTable(task, task.latencyTableId ?? '');
      if (table === undefined)
        throw new AppError('internal', `the latency table of task "${task.id}" is gone`);
      return await this.made(task, version, { table, order, id: newId() });
    } catch (error) {
      if (!(error instanceof AppError) || error.retry) throw error;
      return { error: { code: error.code, message: error.message } };
    }
  }

  private async made(
    actor: Actor,
    version: ModelVersion,
    { table, order, id }: { table: LatencyTable; order: DeploymentOrder; id: string },
  ): Promise<MadeDeployment> {
    const { addenda, sources, judge, stabilityOf, now } = this.parts;
    const device = await sources.device(actor, table.deviceId);
    if (device === undefined) throw new AppError('internal', `device "${table.deviceId}" is gone`);
    const { model, version: number } = version;
    const ratios = ratiosOf(version, await addenda.list(actor, { model, version: number }));
    const calibration = await judge.calibrate(actor, order, table.id);
    const measured = {
      ...{ actor, id, model, version: number },
      at: now(),
      ratios,
      device,
      calibration,
      table,
    };
    return measuredDeployment(measured, judge, stabilityOf);
  }

  private async order(
    actor: Actor,
    version: ModelVersion,
    { calibrationId, deviceId, ...asked }: CreateDeployment,
    before: Deployment | undefined,
  ): Promise<DeploymentOrder> {
    const { sources } = this.parts;
    const held: Calibration | undefined =
      calibrationId === undefined
        ? before && (await sources.calibration(actor, before.calibrationId))
        : await calibrationOf(actor, { calibrationId, deviceId }, sources);
    return orderOf(version, asked, held);
  }

  /** With the dense network, which all are compared with. */
  private async ratiosToMeasure(
    actor: Actor,
    version: ModelVersion,
    asked: readonly number[] | undefined,
  ): Promise<VersionMeasurement['ratios']> {
    const { model, version: number } = version;
    const addenda = await this.parts.addenda.list(actor, { model, version: number });
    const known = ratiosOf(version, addenda);
    const names = known.map(({ ratio }) => ratio).join(', ');
    for (const [index, ratio] of (asked ?? [0]).entries())
      if (!known.some((each) => each.ratio === ratio))
        throw invalid(asked ? `ratios[${index}]` : 'ratios', ratio, `one of the version's: ${names}`);
    return asked === undefined ? known : known.filter(({ ratio }) => ratio === 0 || asked.includes(ratio));
  }

  /** @throws AppError invalid_request (naming latencyTableId) for measurements of another device or of other networks */
  private async requireOwn(
    actor: Actor,
    { model, version, lineage }: ModelVersion,
    table: LatencyTable,
    deviceId: string,
  ): Promise<void> {
    const { id, measuringTaskId, jobId, purpose } = table;
    if (table.deviceId !== deviceId)
      throw invalid(
        'latencyTableId',
        id,
        `measurements of device "${deviceId}", these are of "${table.deviceId}"`,
      );
    const isVerification = jobId !== undefined && jobId === lineage.jobId && purpose === 'verify';
    if (isVerification) return;
    const task = measuringTaskId && (await this.parts.sources.measuringTask(actor, measuringTaskId));
    if (task && task.deploys?.model === model && task.deploys.version === version) return;
    const expected = `measurements of subnets of version ${version} of "${model}" itself`;
    throw invalid('latencyTableId', id, expected);
  }
}
