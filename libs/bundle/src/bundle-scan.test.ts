import { resNet } from '#network';
import { BundleError, BundleScan, readBundle, writeBundle } from './index.js';
import { noisyFamily } from './testing/noisy-family.js';

const network = resNet({ depth: 8, input: { channels: 1, height: 8, width: 8 }, classes: 3 });
const file = writeBundle(noisyFamily(network, [0, 0.3, 0.6]), { seed: 1 });

function scanIn(pieceBytes: number) {
  const scan = new BundleScan();
  const piece = new Uint8Array(pieceBytes);
  for (let at = 0; at < file.length; at += pieceBytes) {
    // The same memory again and again, as whoever reads a file has it.
    const bytes = file.subarray(at, at + pieceBytes);
    piece.set(bytes);
    scan.add(piece.subarray(0, bytes.length));
  }
  return scan.finish();
}

test.each([1, 7, 8, 1000, 65_536, 10_000_000])(
  'a scan in pieces of %i bytes finds what a reader does',
  (size) => {
    const { digest, manifest, family } = readBundle(file);
    const members = family.members.map(({ batchNorm: _, ...member }) => member);
    expect(scanIn(size)).toEqual({ digest, manifest, members });
  },
);

test('what cannot be a bundle is refused before all of it has come, and holds no memory', () => {
  const scan = new BundleScan();
  expect(() => scan.add(Buffer.from(`${'\x02'.padEnd(8, '\0')}{}`))).toThrow(BundleError);
  const endless = new BundleScan();
  const piece = new Uint8Array(2 ** 20).fill(255);
  for (let i = 0; i < 40; i++) endless.add(piece);
  expect(() => endless.finish()).toThrow('the header should end at byte');
});
