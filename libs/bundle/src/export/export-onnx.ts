import { INPUT } from '#network';
import { ONNX_OPSET, encodeModel } from '#onnx';
import type { Subnet } from '#pruning';
import { onnxNodes } from './onnx-nodes.js';
import { OUTPUT, ValueNames, plainNetwork, type BatchNormForm, type PlainNetwork } from './plain-network.js';

export interface ExportOnnxOptions {
  /** Images in one run of the network: so many, or as many as the run brings. */
  readonly batch: number | 'dynamic';
  /** Default `folded`. */
  readonly batchNorm?: BatchNormForm | undefined;
  /** The file's metadata properties: where the subnet comes from. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
}

/**
 * A subnet as an ONNX file of standard operators (`ONNX_OPSET`, stated in the file): input `input` [batch, channels, height,
 * width], output `logits` [batch, classes], float32. It is a plain dense network, each layer under its own name. The same
 * subnet and options give the same bytes.
 * @throws RangeError when the batch is no positive integer.
 */
export function exportOnnx(
  subnet: Subnet,
  { batch, batchNorm = 'folded', properties }: ExportOnnxOptions,
): Uint8Array {
  return encodeSubnet(subnet, plainNetwork(subnet, batchNorm), { batch, properties });
}

interface EncodeOptions extends Pick<ExportOnnxOptions, 'batch' | 'properties'> {
  /** Under which name a tensor's values are handed over beside the file; those without one are in it. */
  readonly locationOf?: (data: Float32Array) => string | undefined;
}

/** @throws RangeError when the batch is no positive integer. */
export function encodeSubnet(
  { network: { name, input, classes } }: Subnet,
  plain: PlainNetwork,
  { batch, properties = {}, locationOf }: EncodeOptions,
): Uint8Array {
  if (batch !== 'dynamic' && !(Number.isSafeInteger(batch) && batch > 0)) {
    throw new RangeError(`batch: ${String(batch)}, expected "dynamic" or an integer of at least 1`);
  }
  const images = batch === 'dynamic' ? 'batch' : batch;
  const { nodes, initializers } = onnxNodes(plain, new ValueNames(plain));
  return encodeModel({
    ...{ name, producer: 'isochron', opsets: new Map([['', ONNX_OPSET]]), properties, nodes },
    initializers: initializers.map((each) => ({
      ...each,
      location: each.data instanceof Float32Array ? locationOf?.(each.data) : undefined,
    })),
    inputs: [{ name: INPUT, shape: [images, input.channels, input.height, input.width] }],
    outputs: [{ name: OUTPUT, shape: [images, classes] }],
  });
}
