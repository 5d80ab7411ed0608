import {
  MeasuringProtocol,
  type Actor,
  type Deployment,
  type MeasuredSubnet,
  type MeasuringTask,
} from '#contracts';
import type { LatencyTableRepository, MeasuringRequests, MeasuringTaskRepository } from '#devices';
import type { SubnetExports, VersionMeasurement, VersionMeasuring } from '#registry';

export interface VersionMeasuringParts {
  readonly requests: Pick<MeasuringRequests, 'ofVersion'>;
  readonly exports: Pick<SubnetExports, 'export'>;
  readonly tables: Pick<LatencyTableRepository, 'find'>;
  readonly tasks: Pick<MeasuringTaskRepository, 'find'>;
}

/** Has agents measure subnets of published versions, as ONNX files of a batch of fixed size. */
export class ExportedVersionMeasuring implements VersionMeasuring {
  constructor(private readonly parts: VersionMeasuringParts) {}

  async measure(actor: Actor, measurement: VersionMeasurement, id: string): Promise<MeasuringTask> {
    const { version, deviceId, order, before } = measurement;
    const protocol = measurement.protocol ?? (await this.protocolOf(actor, before));
    const subnets: MeasuredSubnet[] = [];
    for (const ratio of measurement.ratios)
      subnets.push(await this.subnet(measurement, ratio, protocol.batch));
    const request = { deviceId, input: version.input, protocol, subnets, deploys: order };
    return this.parts.requests.ofVersion(actor, request, id);
  }

  private async subnet(
    { version: { model, version, bundle } }: VersionMeasurement,
    { ratio, widths, macs, parameters, addendum }: VersionMeasurement['ratios'][number],
    batch: number,
  ): Promise<MeasuredSubnet> {
    const target = { format: 'onnx', batch, batchNorm: 'folded' } as const;
    const order = { model, version, ratio, bundle: bundle.digest, addendum, target };
    const { digest, bytes } = await this.parts.exports.export(order);
    return { ratio, widths, macs, parameters, onnx: { digest, bytes, url: `/v1/artifacts/${digest}` } };
  }

  /** As a deployment was measured, so that the two compare, and latencies from the field fit both. */
  private async protocolOf(actor: Actor, before: Deployment | undefined): Promise<MeasuringProtocol> {
    const { tables, tasks } = this.parts;
    const table = before && (await tables.find(actor, before.latencyTableId));
    const task = table?.measuringTaskId && (await tasks.find(actor, table.measuringTaskId));
    return task ? task.protocol : MeasuringProtocol.parse({});
  }
}
