import { fillTemplate, markTensors, templateOf } from './session-template.js';
import { layOut, laidOutSize, type WeightLayout } from './weight-layout.js';

const TENSORS = [
  { path: 'a', shape: [5, 3, 3, 3] },
  { path: 'b', shape: [7] },
  { path: 'c', shape: [9, 1, 3, 3] },
  { path: 'd', shape: [4, 6] },
];
const LAYOUTS: WeightLayout[] = [
  { kind: 'blocked', block: 8 },
  { kind: 'blocked-out', block: 4 },
  { kind: 'blocked-out', block: 8 },
  { kind: 'plain' },
];
const REST = Uint8Array.from({ length: 40 }, (_, i) => i + 1);

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** A file with the values of every tensor in its layout, with other bytes around them. */
function fileWith(valuesOf: (index: number) => Float32Array): Uint8Array {
  const parts = TENSORS.flatMap(({ shape }, index) => {
    const laidOut = new Float32Array(laidOutSize(LAYOUTS[index]!, shape));
    layOut(LAYOUTS[index]!, shape, valuesOf(index), laidOut);
    return [REST, new Uint8Array(laidOut.buffer)];
  });
  return new Uint8Array(Buffer.concat([...parts, Uint8Array.of(1, 2, 3)]));
}

test('values laid out in blocks stand where the kernels look for them', () => {
  const shape = [3, 3, 1, 2];
  const values = Float32Array.from({ length: 18 }, (_, i) => i + 1);
  const layout: WeightLayout = { kind: 'blocked', block: 4 };
  const target = new Float32Array(laidOutSize(layout, shape));
  layOut(layout, shape, values, target);
  const expected = new Float32Array(32);
  for (let o = 0; o < 3; o++) {
    for (let i = 0; i < 3; i++) {
      for (let tap = 0; tap < 2; tap++) expected[(tap * 4 + i) * 4 + o] = values[(o * 3 + i) * 2 + tap]!;
    }
  }
  expect(target).toEqual(expected);
});

describe('a template', () => {
  const marked = markTensors(TENSORS);
  const template = templateOf(
    fileWith((index) => marked[index]!.marks),
    marked,
  );

  test('has no weights in it, and says how they lie', () => {
    const layouts = template.weights.map(({ layout }) => layout);
    // What is one block of 8 is as it is with a zero behind it.
    expect(layouts).toEqual(LAYOUTS.with(1, { kind: 'plain' }));
    const kept = template.pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(kept).toBe(4 * REST.length + 3 + 4);
  });

  test('filled with values is the file that has these values', () => {
    const values = TENSORS.map(({ shape }, index) =>
      Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i + index)),
    );
    const tensors = TENSORS.map(({ path, shape }, index) => {
      const copy = (target: Float32Array) => target.set(values[index]!);
      return { path, shape, size: sizeOf(shape), copy };
    });
    expect(fillTemplate(template, tensors)).toEqual(fileWith((index) => values[index]!));
  });
});

test('what is not understood is refused', () => {
  const marked = markTensors(TENSORS);
  const file = fileWith((index) => marked[index]!.marks);
  const swapped = fileWith((index) => marked[index]!.marks.toReversed());
  expect(() => templateOf(swapped, marked)).toThrow(
    '"a" is not in what onnxruntime made of it in a known layout',
  );
  expect(() => templateOf(new Uint8Array(Buffer.concat([file, Buffer.alloc(1), file])), marked)).toThrow(
    /"a" is not in/,
  );
  expect(() => templateOf(new Uint8Array(0), marked)).toThrow(/"a" is not in/);
});
