import {
  add,
  addI32,
  advance,
  call,
  constant,
  get,
  load,
  loadI32,
  loadSplat,
  multiply,
  set,
  store,
  times,
  type Code,
  type WasmFunction,
} from './assembler.js';

/** Channels of the images and of the gradient that are worked on at once: their products fill the registers. */
export const INPUT_BLOCK = 4;
export const OUTPUT_BLOCK = 8;
/** A tile: offsets of images, gradient and result in bytes, then rows and columns. */
export const WORDS_OF_TILE = 5;

const FLOAT = 4;
const VECTOR = 16;
const VECTORS = OUTPUT_BLOCK / 4;

/** Parameters of `tile`: addresses, sides, strides in bytes, numbers of blocks. */
const P = {
  x: 0,
  gradient: 1,
  result: 2,
  rows: 3,
  columns: 4,
  xRow: 5,
  xPixel: 6,
  gradientRow: 7,
  gradientPixel: 8,
  resultRow: 9,
  outputBlocks: 10,
  inputBlocks: 11,
} as const;
const L = {
  outputsLeft: 12,
  rowsLeft: 13,
  columnsLeft: 14,
  gradientBlock: 15,
  resultBlock: 16,
  xRow: 17,
  gradientRow: 18,
  xPixel: 19,
  gradientPixel: 20,
  address: 21,
} as const;
const I32_LOCALS = 10;
const FIRST_SUM = 22;
const sum = (input: number, vector: number) => FIRST_SUM + input * VECTORS + vector;
const GRADIENT = FIRST_SUM + INPUT_BLOCK * VECTORS;
const INPUT = GRADIENT + VECTORS;
const V128_LOCALS = INPUT_BLOCK * VECTORS + VECTORS + 1;

const inputs = [...Array(INPUT_BLOCK).keys()];
const vectors = [...Array(VECTORS).keys()];
const copy = (to: number, from: number): Code => [...get(from), ...set(to)];

/** Adds the outer product of one pixel's input channels and gradient to the sums. */
const pixel: Code = [
  ...vectors.flatMap((v) => [...get(L.gradientPixel), ...load(v * VECTOR), ...set(GRADIENT + v)]),
  ...inputs.flatMap((i) => [
    ...[...get(L.xPixel), ...loadSplat(i * FLOAT), ...set(INPUT)],
    ...vectors.flatMap((v) => [
      ...[...get(sum(i, v)), ...get(INPUT), ...get(GRADIENT + v)],
      ...[...multiply, ...add, ...set(sum(i, v))],
    ]),
  ]),
  ...advance(L.xPixel, get(P.xPixel)),
  ...advance(L.gradientPixel, get(P.gradientPixel)),
];

const row: Code = [
  ...copy(L.xPixel, L.xRow),
  ...copy(L.gradientPixel, L.gradientRow),
  ...copy(L.columnsLeft, P.columns),
  ...times(L.columnsLeft, pixel),
  ...advance(L.xRow, get(P.xRow)),
  ...advance(L.gradientRow, get(P.gradientRow)),
];

/** Visits the block's vectors in the result, a row of it for each input channel. */
const forResult = (visit: (i: number, v: number) => Code): Code => [
  ...copy(L.address, L.resultBlock),
  ...inputs.flatMap((i) => [...vectors.flatMap((v) => visit(i, v)), ...advance(L.address, get(P.resultRow))]),
];

const outputBlock: Code = [
  ...forResult((i, v) => [...get(L.address), ...load(v * VECTOR), ...set(sum(i, v))]),
  ...copy(L.xRow, P.x),
  ...copy(L.gradientRow, L.gradientBlock),
  ...copy(L.rowsLeft, P.rows),
  ...times(L.rowsLeft, row),
  ...forResult((i, v) => [...get(L.address), ...get(sum(i, v)), ...store(v * VECTOR)]),
  ...advance(L.gradientBlock, constant(VECTORS * VECTOR)),
  ...advance(L.resultBlock, constant(VECTORS * VECTOR)),
];

const inputBlock: Code = [
  ...copy(L.gradientBlock, P.gradient),
  ...copy(L.resultBlock, P.result),
  ...copy(L.outputsLeft, P.outputBlocks),
  ...times(L.outputsLeft, outputBlock),
  ...advance(P.x, constant(INPUT_BLOCK * FLOAT)),
  ...inputs.flatMap(() => advance(P.result, get(P.resultRow))),
];

/** result[input channel][output channel] += sum over the tile's pixels of x times gradient. */
const tile: WasmFunction = {
  parameters: 12,
  i32Locals: I32_LOCALS,
  v128Locals: V128_LOCALS,
  body: times(P.inputBlocks, inputBlock),
};

/** Parameters of `filterGradient`: how many tiles and where, then what they have in common. */
const F = { count: 0, tiles: 1, x: 2, gradient: 3, result: 4, shared: 5 } as const;
const SHARED = 7;
const word = (i: number): Code => [...get(F.tiles), ...loadI32(i * FLOAT)];

const nextTile: Code = [
  ...[F.x, F.gradient, F.result].flatMap((base, i) => [...get(base), ...word(i), ...addI32]),
  ...[...word(3), ...word(4)],
  ...Array.from({ length: SHARED }, (_, i) => get(F.shared + i)).flat(),
  ...call(0),
  ...advance(F.tiles, constant(WORDS_OF_TILE * FLOAT)),
];

/** Works through a list of tiles. */
const filterGradient: WasmFunction = {
  exportedAs: 'filterGradient',
  parameters: 5 + SHARED,
  i32Locals: 0,
  v128Locals: 0,
  body: times(F.count, nextTile),
};

export const FILTER_GRADIENT_FUNCTIONS: readonly WasmFunction[] = [tile, filterGradient];
