import type { NodeOf } from '#graph';
import { NCHWC_DOMAIN, type BlockedEmitter } from './blocked-emitter.js';
import type { Sides } from './blocked-layout.js';
import { blockedFilters } from './filters.js';

/** Where the taps of a strided convolution's filters stand once every residue of the image's rows is a channel of its own. */
interface Phases {
  /** Rows of the filters of a phase. */
  readonly kernel: number;
  /** Zeros before the gradient's first row. */
  readonly before: number;
  /** Per phase and row of its filters the tap of the given filters, or undefined for none. */
  readonly taps: readonly (readonly (number | undefined)[])[];
}

/**
 * The input gradient at stride s: pixel s i + a of the image meets the gradient at rows i + (a + padding - tap) / s, for
 * the taps where that is whole. So each of the s s residues of the image's pixels is a plain convolution of the gradient
 * with some of the taps; all of them are one convolution to s s times the channels, spread out over the pixels at the end.
 */
export function stridedInputGradient(
  node: NodeOf<'conv2dInputGradient'>,
  emitter: BlockedEmitter,
  sides: Sides,
): boolean {
  const [gradient, filters] = node.inputs as [number, number];
  const { stride, padding, dilation, groups } = node.attributes;
  const [, , height, width] = node.shape as [number, number, number, number];
  if (groups !== 1 || dilation !== 1 || height % stride !== 0 || width % stride !== 0) return false;
  const phases = phasesOf(emitter.shapeOf(filters)[2]!, stride, padding);
  const [rows, columns] = [height / stride, width / stride];
  const [, , givenRows, givenColumns] = emitter.shapeOf(gradient) as [number, number, number, number];
  const after = (outputs: number, given: number) => outputs + phases.kernel - 1 - given - phases.before;
  const pads = [phases.before, phases.before, after(rows, givenRows), after(columns, givenColumns)];
  if (pads.some((count) => count < 0)) return false;
  const weights = phaseFilters(emitter, filters, { stride, phases, sides });
  const images = emitter.foldedNameOf(gradient, sides.fold, { clean: weights.dirtyIns });
  const mixed = emitter.emit('Conv', [images, weights.name], {
    domain: NCHWC_DOMAIN,
    attributes: { kernel_shape: [phases.kernel, phases.kernel], strides: [1, 1], pads },
  });
  const { block } = emitter;
  const split = emitter.reshape(mixed, [sides.sets, stride, stride, weights.blocks, rows, columns, block]);
  const spread = emitter.transpose(split, [0, 3, 4, 1, 5, 2, 6]);
  const name = emitter.reshape(spread, [sides.sets, weights.blocks * block, height, width]);
  emitter.setFolded(node.output, name, sides.fold, { dirty: weights.dirtyOuts });
  return true;
}

function phasesOf(kernel: number, stride: number, padding: number): Phases {
  const reach: { phase: number; tap: number; row: number }[] = [];
  for (let phase = 0; phase < stride; phase++) {
    for (let tap = 0; tap < kernel; tap++) {
      const row = (phase + padding - tap) / stride;
      if (Number.isInteger(row)) reach.push({ phase, tap, row });
    }
  }
  const rows = reach.map(({ row }) => row);
  const [first, last] = [Math.min(...rows, 0), Math.max(...rows, 0)];
  const taps = Array.from({ length: stride }, (_, phase) =>
    Array.from(
      { length: last - first + 1 },
      (_, index) => reach.find((each) => each.phase === phase && each.row === first + index)?.tap,
    ),
  );
  return { kernel: last - first + 1, before: -first, taps };
}

/** Filters of all phases, [phases x C, O, kernel, kernel] in blocks. */
function phaseFilters(
  emitter: BlockedEmitter,
  value: number,
  { stride, phases, sides }: { stride: number; phases: Phases; sides: Sides },
) {
  const { block } = emitter;
  const kernel = emitter.shapeOf(value)[2]!;
  const { name, shape, dirtyIns, dirtyOuts } = blockedFilters(emitter, value, 'backward', sides);
  const [blocks, ins] = shape as [number, number];
  const withZeros = emitter.padTo(name, shape, [blocks, ins, kernel * kernel + 1, block, block]);
  // The backward filters are turned by 180 degrees; the tap behind the last one is zero.
  const placeOf = (row: number | undefined, column: number | undefined) =>
    row === undefined || column === undefined
      ? kernel * kernel
      : kernel * kernel - 1 - (row * kernel + column);
  const places = phases.taps.flatMap((rows) =>
    phases.taps.flatMap((columns) => rows.flatMap((row) => columns.map((column) => placeOf(row, column)))),
  );
  const gathered = emitter.emit('Gather', [withZeros, emitter.integers(places)], { attributes: { axis: 2 } });
  const taps = phases.kernel ** 2;
  const split = emitter.reshape(gathered, [blocks, ins, stride * stride, taps * block * block]);
  const ordered = emitter.transpose(split, [2, 0, 1, 3]);
  return {
    name: emitter.reshape(ordered, [
      stride * stride * blocks * block,
      ins * block,
      phases.kernel,
      phases.kernel,
    ]),
    blocks,
    dirtyIns,
    dirtyOuts,
  };
}
