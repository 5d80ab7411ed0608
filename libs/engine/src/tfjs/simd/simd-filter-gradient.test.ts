import {
  GraphBuilder,
  conv2d,
  gradients,
  mul,
  reduceSum,
  sizeOf,
  type ConvOptions,
  type Shape,
} from '#graph';
import type { Executor } from '../../executor.js';
import { evaluate } from '../../reference/evaluate.js';
import { createTfjsExecutor } from '../index.js';
import type { Kernels, TfTensor } from '../ops/kernels.js';
import { WebAssembly, type WasmMemory } from '../web-assembly.js';
import { SimdFilterGradient } from './simd-filter-gradient.js';

/** Images [N, C, H, W], filters [O, C, k, k]: channels that the function takes, in one block and in several. */
const CASES: readonly (readonly [Shape, Shape, ConvOptions])[] = [
  [[2, 4, 5, 7], [8, 4, 3, 3], { stride: 1, padding: 1 }],
  [[3, 12, 7, 6], [16, 12, 3, 3], { stride: 2, padding: 1 }],
  [[1, 8, 6, 6], [24, 8, 1, 1], { stride: 2, padding: 0 }],
  [[2, 8, 9, 8], [8, 8, 5, 5], { stride: 3, padding: 4 }],
  [[1, 4, 9, 9], [8, 4, 3, 3], { stride: 2, padding: 3, dilation: 3 }],
  [[1, 4, 2, 2], [8, 4, 3, 3], { stride: 1, padding: 2 }],
  // Several tiles for each image.
  [[1, 16, 40, 33], [16, 16, 3, 3], { stride: 1, padding: 1 }],
];

const wave = (shape: Shape, step: number) => ({
  shape,
  data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(step * i)),
});

function filterGradientGraph(images: Shape, filters: Shape, options: ConvOptions) {
  const builder = new GraphBuilder();
  const w = builder.input('filters', filters);
  const y = conv2d(builder.input('images', images), w, options);
  builder.output('gradient', gradients(reduceSum(mul(y, y), [0, 1, 2, 3]), [w])[0]!);
  return builder.build();
}

let executor: Executor;
beforeAll(async () => {
  executor = await createTfjsExecutor({ provider: 'wasm', threads: 2 });
});

test.each(CASES)('images %j and filters %j with %j give the gradient of the reference', async (...item) => {
  const graph = filterGradientGraph(...item);
  const feeds = { images: wave(item[0], 0.37), filters: wave(item[1], 0.71) };
  const program = await executor.compile(graph);
  const actual = (await program.run(feeds)).gradient!.data;
  await program.dispose();
  const expected = evaluate(graph, feeds).outputs.gradient!.data;
  const largest = Math.max(...expected.map(Math.abs));
  const error = Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!)));
  expect(error).toBeLessThan(1e-5 * largest);
});

test('a memory without room for the tiles is an error, not an address', async () => {
  const { Memory } = WebAssembly as unknown as { Memory: new (limits: object) => WasmMemory };
  const wasmMemory = new Memory({ initial: 1, maximum: 65536, shared: true });
  const wasm = { wasmMemory, HEAP32: new Int32Array(wasmMemory.buffer), _malloc: () => 0 };
  const gradient = await SimdFilterGradient.start({ wasm, getMemoryOffset: () => 0 }, 1);
  const tensor = (shape: number[]) => ({ shape }) as TfTensor;
  const attributes = { stride: 1, padding: 0, dilation: 1, groups: 1 };
  expect(() =>
    gradient.compute({} as Kernels, tensor([1, 4, 4, 4]), tensor([1, 4, 4, 8]), { side: 1, attributes }),
  ).toThrow(/^wasm's memory has no room for \d+ bytes$/);
});
