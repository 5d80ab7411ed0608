import * as ort from 'onnxruntime-node';
import type { Graph } from '#graph';
import { denseWidths, mobileNetV2, resNet, vgg16, type Network, type Widths } from '#network';
import { writeOnnx } from '#onnx';
import { denseStepGraph, jointStepGraph } from '#pruning';

const input = { channels: 3, height: 32, width: 32 };
const NETWORKS: readonly Network[] = [
  resNet({ depth: 20, input, classes: 10 }),
  vgg16({ input, classes: 10 }),
  mobileNetV2({ input, classes: 10 }),
];
const TRAINING = { batchSize: 8, momentum: 0.9, weightDecay: 1e-4, distillationWeight: 0.5 };

function halfWidths(network: Network): Widths {
  const halves = Object.entries(denseWidths(network)).map(([group, width]) => [group, width / 2] as const);
  return Object.fromEntries(halves);
}

describe.each(NETWORKS.map((network) => ({ name: network.name, network })))('$name', ({ network }) => {
  const graphs: readonly [string, () => Graph][] = [
    ['a training step', () => denseStepGraph(network, TRAINING)],
    ['a joint step', () => jointStepGraph(network, [denseWidths(network), halfWidths(network)], TRAINING)],
  ];

  test.each(graphs)('%s runs on the device alone', async (_, build) => {
    const session = ort.InferenceSession.create(writeOnnx(build(), { runtime: 'onnxruntime-webgpu' }), {
      executionProviders: [{ name: 'webgpu', preferredLayout: 'NCHW' }],
      extra: { session: { disable_cpu_ep_fallback: '1' } },
      logSeverityLevel: 4,
    });
    await (await session).release();
  });
});
