import type { ConvAttributes } from '#graph';
import { ExecutorError } from '../../executor.js';
import { sidesOf } from '../ops/conv-parts.js';
import type { Kernels, TfTensor } from '../ops/kernels.js';
import { WebAssembly, type WasmMemory } from '../web-assembly.js';
import { encodeModule } from './assembler.js';
import {
  FILTER_GRADIENT_FUNCTIONS,
  INPUT_BLOCK,
  OUTPUT_BLOCK,
  WORDS_OF_TILE,
} from './filter-gradient-code.js';
import { filterGradientTiles, type FilterGradientShape } from './filter-gradient-tiles.js';
import { SimdWorkers } from './simd-workers.js';

/** What is used of TensorFlow.js' wasm backend. */
export interface WasmBackend {
  readonly wasm: {
    readonly wasmMemory: WasmMemory;
    readonly HEAP32: Int32Array;
    /** The address, 0 where there is no room. */
    _malloc(bytes: number): number;
  };
  getMemoryOffset(dataId: object): number;
}

const FLOAT = 4;

/**
 * The filters' gradient of a dense convolution, by a function of our own in the backend's memory. Composed of its
 * kernels the gradient takes transposed copies of images and gradient, and as long again for packing them.
 */
export class SimdFilterGradient {
  readonly #backend: WasmBackend;
  readonly #run: (...parameters: number[]) => void;
  readonly #workers: SimdWorkers;
  readonly #threads: number;
  /** By shape and attributes: where the tiles lie in the backend's memory, and how many they are. */
  readonly #tiles = new Map<string, { readonly address: number; readonly count: number }>();

  private constructor(backend: WasmBackend, module: object, workers: SimdWorkers, threads: number) {
    this.#backend = backend;
    const { exports } = new WebAssembly.Instance(module, { env: { memory: backend.wasm.wasmMemory } });
    this.#run = exports.filterGradient as (...parameters: number[]) => void;
    this.#workers = workers;
    this.#threads = threads;
  }

  static async start(backend: WasmBackend, threads: number): Promise<SimdFilterGradient> {
    const memory = backend.wasm.wasmMemory;
    const module = new WebAssembly.Module(encodeModule(FILTER_GRADIENT_FUNCTIONS));
    const workers = await SimdWorkers.start(module, memory, threads - 1);
    return new SimdFilterGradient(backend, module, workers, threads);
  }

  /** Whether the channels are multiples of what is worked on at once. */
  fits(inputs: number, outputs: number): boolean {
    return inputs % INPUT_BLOCK === 0 && outputs % OUTPUT_BLOCK === 0;
  }

  /** @returns [k, k, inputs, outputs] */
  compute(
    kernels: Kernels,
    x: TfTensor,
    gradient: TfTensor,
    { side, attributes }: { side: number; attributes: ConvAttributes },
  ): TfTensor {
    const shape = { images: sidesOf(x), gradient: sidesOf(gradient), side };
    const tiles = this.#tilesOf(shape, attributes);
    const [inputs, outputs] = [x.shape[3]!, gradient.shape[3]!];
    const result = kernels.fill([side, side, inputs, outputs], 0);
    const at = (tensor: TfTensor) => this.#backend.getMemoryOffset(tensor.dataId);
    const { stride } = attributes;
    const strides = [
      stride * x.shape[2]! * inputs,
      stride * inputs,
      gradient.shape[2]! * outputs,
      outputs,
      outputs,
    ];
    const blocks = inputs / INPUT_BLOCK;
    const shares = Array.from({ length: this.#threads }, (_, thread) => {
      const first = Math.floor((thread * blocks) / this.#threads);
      const count = Math.floor(((thread + 1) * blocks) / this.#threads) - first;
      const channel = first * INPUT_BLOCK;
      return [
        ...[count === 0 ? 0 : tiles.count, tiles.address],
        ...[at(x) + channel * FLOAT, at(gradient), at(result) + channel * outputs * FLOAT],
        ...strides.map((elements) => elements * FLOAT),
        ...[outputs / OUTPUT_BLOCK, count],
      ];
    });
    this.#workers.run(this.#run, shares);
    return result;
  }

  #tilesOf(shape: FilterGradientShape, attributes: ConvAttributes) {
    const key = JSON.stringify([shape, attributes]);
    const known = this.#tiles.get(key);
    if (known) return known;
    const words = filterGradientTiles(shape, attributes);
    const address = this.#backend.wasm._malloc(words.byteLength) >>> 0;
    if (address === 0) throw new ExecutorError(`wasm's memory has no room for ${words.byteLength} bytes`);
    new Int32Array(this.#backend.wasm.wasmMemory.buffer).set(words, address / FLOAT);
    const tiles = { address, count: words.length / WORDS_OF_TILE };
    this.#tiles.set(key, tiles);
    return tiles;
  }
}
