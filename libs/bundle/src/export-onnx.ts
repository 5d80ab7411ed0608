import { writeOnnx } from '#onnx';
import { inferenceGraph, type Subnet } from '#pruning';

/**
 * A subnet as an ONNX file of standard operators (`ONNX_OPSET` of #onnx): input `input` [batch, channels, height, width], output `logits`
 * [batch, classes], BatchNorm folded into the convolutions.
 */
export function exportOnnx(subnet: Subnet, { batch }: { batch: number }): Uint8Array {
  return writeOnnx(inferenceGraph(subnet, { batch }), { name: subnet.network.name });
}
