import { PieceRing, type Piece } from './piece-ring.js';

const MIB = 2 ** 20;

function content(bytes: number): Buffer {
  return Buffer.from(Uint32Array.from({ length: bytes / 4 }, (_, i) => i * 2_654_435_761).buffer);
}

test.each([1000, 65_536, 3 * MIB])('chunks of %i bytes come out as they went in', async (size) => {
  const file = content(4 * MIB + 400);
  const copy = Buffer.alloc(file.length);
  const ring = new PieceRing(({ bytes, at }) => Promise.resolve(void copy.set(bytes, at)));
  for (let at = 0; at < file.length; at += size) await ring.add(file.subarray(at, at + size));
  await ring.finish();
  expect(ring.bytes).toBe(file.length);
  expect(copy.equals(file)).toBe(true);
});

test('who adds waits while all memory is in use, and a piece keeps its content until its work is done', async () => {
  const held: { piece: Piece; first: number; done: () => void }[] = [];
  const ring = new PieceRing(
    (piece) => new Promise((done) => held.push({ piece, first: piece.bytes[0]!, done })),
  );
  let isAdded = false;
  const adding = ring.add(content(16 * MIB)).then(() => (isAdded = true));
  for (let handled = 0; !isAdded;) {
    await new Promise(setImmediate);
    const next = held[handled];
    if (next === undefined) continue;
    expect(held.length - handled).toBeLessThanOrEqual(4);
    expect(next.piece.bytes[0]).toBe(next.first);
    next.done();
    handled++;
  }
  await adding;
  for (const { done } of held) done();
  await ring.finish();
  expect(held.reduce((sum, { piece }) => sum + piece.bytes.length, 0)).toBe(16 * MIB);
});

test('work that fails fails whoever adds or finishes', async () => {
  const ring = new PieceRing(() => Promise.reject(new Error('the disk is full')));
  await expect(ring.add(content(16 * MIB))).rejects.toThrow('the disk is full');
  await ring.settled();
  await expect(ring.finish()).rejects.toThrow('the disk is full');
});
