import { INPUT } from '#network';
import { ONNX_OPSET } from '#onnx';
import { subnetOf } from '#pruning';
import type { Bundle } from '../read-bundle.js';
import { exportOnnx } from './export-onnx.js';
import { exportTfjs, type ExportedFile } from './export-tfjs.js';
import { OUTPUT, type BatchNormForm } from './plain-network.js';

/** What a subnet is exported as. */
export type ExportTarget =
  | { readonly format: 'onnx'; readonly batch: number | 'dynamic'; readonly batchNorm?: BatchNormForm }
  | { readonly format: 'tfjs'; readonly batchNorm?: BatchNormForm };

/** What the bundle was published as; written into the file beside ratio and digest. */
export interface PublishedAs {
  readonly model: string;
  readonly version: string;
}

/** A float32 tensor that goes in or out; a side of any size is null. */
export interface TensorPort {
  readonly name: string;
  readonly layout: 'NCHW' | 'NHWC' | 'NC';
  readonly shape: readonly (number | null)[];
}

export interface SubnetExport {
  readonly format: ExportTarget['format'];
  /** The first is the one to load; the others lie beside it under their names. */
  readonly files: readonly ExportedFile[];
  /** Of the standard operators; ONNX alone has one. */
  readonly opset?: number;
  readonly input: TensorPort;
  readonly output: TensorPort;
  /** Where the subnet comes from, as the file says too: ratio, digests of bundle and addendum, model and version. */
  readonly properties: Readonly<Record<string, string>>;
}

/**
 * The subnet of any of a bundle's ratios as files for other runtimes.
 * @throws RangeError when the bundle has no such ratio, or the batch is no positive integer.
 */
export function exportSubnet(
  bundle: Bundle,
  ratio: number,
  target: ExportTarget,
  published?: PublishedAs,
): SubnetExport {
  const subnet = subnetOf(bundle.family, ratio);
  const properties = propertiesOf(bundle, ratio, published);
  const { channels, height, width } = subnet.network.input;
  const { format, batchNorm } = target;
  const batch = target.format === 'onnx' && target.batch !== 'dynamic' ? target.batch : null;
  const output: TensorPort = { name: OUTPUT, layout: 'NC', shape: [batch, subnet.network.classes] };
  if (target.format === 'tfjs') {
    const files = exportTfjs(subnet, { batchNorm, properties });
    const shape = [batch, height, width, channels];
    return { format, files, input: { name: INPUT, layout: 'NHWC', shape }, output, properties };
  }
  const bytes = exportOnnx(subnet, { batch: target.batch, batchNorm, properties });
  const shape = [batch, channels, height, width];
  const input: TensorPort = { name: INPUT, layout: 'NCHW', shape };
  return { format, files: [{ name: 'model.onnx', bytes }], opset: ONNX_OPSET, input, output, properties };
}

function propertiesOf(
  { digest, addenda }: Bundle,
  ratio: number,
  published: PublishedAs | undefined,
): Record<string, string> {
  const addendum = addenda.find(({ ratios }) => ratios.includes(ratio));
  return {
    ...(published && { model: published.model, version: published.version }),
    ratio: String(ratio),
    bundle: digest,
    ...(addendum && { addendum: addendum.digest }),
  };
}
