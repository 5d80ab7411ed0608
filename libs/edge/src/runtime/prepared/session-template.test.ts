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

function laidOut(index: number, values: Float32Array): Float32Array<ArrayBuffer> {
  const { shape } = TENSORS[index]!;
  const target = new Float32Array(laidOutSize(LAYOUTS[index]!, shape));
  layOut(LAYOUTS[index]!, shape, values, target);
  return target;
}

/** A list of 7 fields of which the fifth is there, a table of 8 bytes whose it is, and what it leads to. */
function tensor(values: Float32Array<ArrayBuffer>): Uint8Array {
  const fields = Uint16Array.of(18, 8, 0, 0, 0, 0, 4, 0, 0, 0);
  const table = Uint32Array.of(fields.byteLength, 4, values.byteLength);
  return Buffer.concat([fields, table, values].map(({ buffer }) => new Uint8Array(buffer)));
}

/** A file with the values of every tensor in its layout, with other bytes around them. */
function fileWith(valuesOf: (index: number) => Float32Array): Uint8Array {
  const parts = TENSORS.flatMap((_, index) => [REST, tensor(laidOut(index, valuesOf(index)))]);
  return new Uint8Array(Buffer.concat([...parts, Uint8Array.of(1, 2, 3)]));
}

/** The values of every tensor in a file, where its table leads to. */
function valuesIn(file: Uint8Array): { at: number; values: Float32Array }[] {
  const view = new DataView(file.buffer);
  let end = 0;
  return TENSORS.map(({ shape }, index) => {
    const field = end + REST.length + 20 + 4;
    end = field + 8 + laidOutSize(LAYOUTS[index]!, shape) * 4;
    const vector = field + view.getUint32(field, true);
    const values = new Float32Array(file.buffer.slice(vector + 4, vector + 4 + view.getUint32(vector, true)));
    return { at: vector + 4, values };
  });
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
    const bytes = template.pieces.flatMap((piece) => [...piece.bytes]);
    const isWeight = marked.some(({ marks }) =>
      Buffer.from(bytes).includes(Buffer.from(marks.buffer, 0, 16)),
    );
    expect(isWeight).toBe(false);
  });

  test('filled with values is a file that has these values, each tensor at the beginning of a cache line', () => {
    const values = TENSORS.map(({ shape }, index) =>
      Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i + index)),
    );
    const tensors = TENSORS.map(({ path, shape }, index) => {
      const copy = (target: Float32Array) => target.set(values[index]!);
      return { path, shape, size: sizeOf(shape), copy };
    });
    const filled = fillTemplate(template, tensors);
    const found = valuesIn(filled);
    expect(found.map((each) => each.values)).toEqual(values.map((each, index) => laidOut(index, each)));
    expect(found.map(({ at }) => at % 64)).toEqual([0, 0, 0, 0]);
    // What stood around them still does.
    const original = fileWith((index) => values[index]!);
    for (const at of [0, original.length - 3]) {
      expect(filled.slice(at, at + 3)).toEqual(original.slice(at, at + 3));
    }
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
  const alone = Buffer.concat(marked.map(({ marks }, index) => new Uint8Array(laidOut(index, marks).buffer)));
  expect(() => templateOf(new Uint8Array(alone), marked)).toThrow('byte 0 begins no tensor');
});
