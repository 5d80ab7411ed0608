import { PieceWindow, type Piece } from './piece-window.js';

const MIB = 2 ** 20;

function content(bytes: number): Buffer {
  return Buffer.from(Uint32Array.from({ length: bytes / 4 }, (_, i) => i * 2_654_435_761).buffer);
}

test.each([1000, 65_536, 3 * MIB])('chunks of %i bytes come out as they went in', async (size) => {
  const file = content(4 * MIB + 400);
  const pieces: Piece[] = [];
  const window = new PieceWindow((piece) => Promise.resolve(void pieces.push(piece)));
  for (let at = 0; at < file.length; at += size) await window.add(file.subarray(at, at + size));
  await window.finish();
  expect(window.bytes).toBe(file.length);
  const ends = pieces.map(({ at, chunks }) => chunks.reduce((sum, { length }) => sum + length, at));
  expect(pieces.map(({ at }) => at)).toEqual([0, ...ends.slice(0, -1)]);
  expect(Buffer.concat(pieces.flatMap(({ chunks }) => chunks)).equals(file)).toBe(true);
});

test('memory that a chunk has for itself is handed on, of shared memory a copy', async () => {
  const handed: Uint8Array[] = [];
  const window = new PieceWindow(({ chunks }) => Promise.resolve(void handed.push(...chunks)));
  const own = new Uint8Array(MIB);
  const shared = content(MIB).subarray(4);
  await window.add(own);
  await window.add(shared);
  await window.finish();
  expect(handed[0]!.buffer).toBe(own.buffer);
  expect(handed[1]!.buffer).not.toBe(shared.buffer);
});

test('chunks of a few bytes are gathered into few, in their order', async () => {
  const pieces: Piece[] = [];
  const window = new PieceWindow((piece) => Promise.resolve(void pieces.push(piece)));
  const file = content(MIB + 200_000);
  const ends = [1, 3, 20_000, 20_001, 20_050, 100_000];
  for (const [i, end] of ends.entries()) await window.add(file.subarray(ends[i - 1] ?? 0, end));
  for (let at = ends.at(-1)!; at < file.length; at += 7) await window.add(file.subarray(at, at + 7));
  await window.finish();
  const chunks = pieces.flatMap((piece) => piece.chunks);
  expect(Buffer.concat(chunks).equals(file)).toBe(true);
  expect(chunks.length).toBeLessThan(30);
});

test('who adds waits while several pieces are worked on', async () => {
  const held: (() => void)[] = [];
  const window = new PieceWindow(() => new Promise((done) => held.push(done)));
  let isAdded = false;
  const adding = (async () => {
    for (let i = 0; i < 16; i++) await window.add(new Uint8Array(MIB));
    isAdded = true;
  })();
  for (let done = 0; !isAdded; done++) {
    while (held.length === done) await new Promise(setImmediate);
    expect(held.length - done).toBeLessThanOrEqual(4);
    held[done]!();
    await new Promise(setImmediate);
  }
  await adding;
  for (const done of held) done();
  await window.finish();
  expect(held).toHaveLength(16);
});

test('work that fails fails whoever adds or finishes', async () => {
  const window = new PieceWindow(() => Promise.reject(new Error('the disk is full')));
  const add = async () => {
    for (let i = 0; i < 16; i++) await window.add(new Uint8Array(MIB));
  };
  await expect(add()).rejects.toThrow('the disk is full');
  await window.settled();
  await expect(window.finish()).rejects.toThrow('the disk is full');
});
