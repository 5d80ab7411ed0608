import { createExecutor } from '#engine';
import { customNetwork, denseWidths } from '#network';
import { inferenceGraph, randomSubnet } from './index.js';
import { withProgram } from './run-program.js';

test('a BatchNorm that cannot be folded stays, whatever it is called', async () => {
  const conv = { kind: 'conv', outChannels: 3, kernel: 3, stride: 1, padding: 1 } as const;
  // Two BatchNorms read the convolution: its filters can take neither's factor.
  const network = customNetwork({
    ...{ name: 'twice-read', input: { channels: 1, height: 4, width: 4 }, classes: 2 },
    layers: [
      { ...conv, name: 'constructor', input: 'input' },
      { kind: 'batch-norm', name: 'toString', input: 'constructor' },
      { kind: 'batch-norm', name: 'other', input: 'constructor' },
      { kind: 'add', name: 'sum', inputs: ['toString', 'other'] },
      { kind: 'global-average-pool', name: 'pool', input: 'sum' },
      { kind: 'dense', name: 'classifier', input: 'pool' },
    ],
  });
  const graph = inferenceGraph(randomSubnet(network, denseWidths(network), 1), { batch: 1 });
  const executor = await createExecutor('onnxruntime', { threads: 1 });
  const input = { shape: [1, 1, 4, 4], data: new Float32Array(16).fill(1) };
  const outputs = await withProgram(executor, graph, (program) => program.run({ input }));
  expect(outputs['logits']!.shape).toEqual([1, 2]);
  expect(outputs['logits']!.data.every(Number.isFinite)).toBe(true);
});
