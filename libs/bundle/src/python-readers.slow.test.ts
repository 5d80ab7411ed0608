/** Files as others read them: onnx's own checker, and the safetensors library, both from PyPI. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { resNet } from '#network';
import { subnetOf } from '#pruning';
import { pythonEnvironment } from '#testkit';
import { exportOnnx, readBundle, writeAddendum, writeBundle, type BatchNormForm } from './index.js';
import { familyTensors } from './family-tensors.js';
import { AFFINE_ROWS, memberTensors } from './member-tensors.js';
import { EXPORTED_NETWORKS } from './testing/exported-networks.js';
import { noisyFamily } from './testing/noisy-family.js';

const found = await pythonEnvironment(['onnx==1.23.2', 'safetensors==0.8.0', 'numpy==2.4.6']);
if (typeof found === 'string') console.log(`skipped: ${found}`);
const python = typeof found === 'string' ? undefined : found;
const testWithPython = python ? test : test.skip;
afterAll(() => python?.remove());

/** Stores files where Python can read them, and gives their paths. */
const stored = (files: readonly Uint8Array[]): string[] =>
  files.map((bytes, index) => {
    const file = path.join(python!.folder, `file${index}`);
    fs.writeFileSync(file, bytes);
    return file;
  });

interface CheckedOnnx {
  readonly opset: Record<string, number>;
  readonly types: string[];
  readonly properties: Record<string, string>;
  readonly error: string | null;
}

testWithPython.each(EXPORTED_NETWORKS)(
  "onnx's checker finds nothing wrong with %s at any ratio, in every form and batch",
  async (_, network) => {
    const ratios = [0, 0.3, 0.7];
    const family = noisyFamily(network, ratios);
    const properties = { model: 'digits', größe: '½' };
    const forms: BatchNormForm[] = ['folded', 'kept'];
    const models = ratios.flatMap((ratio) =>
      forms.flatMap((batchNorm) =>
        ([2, 'dynamic'] as const).map((batch) =>
          exportOnnx(subnetOf(family, ratio), { batch, batchNorm, properties }),
        ),
      ),
    );
    const checked = (await python!.call('check_onnx.py', stored(models))) as CheckedOnnx[];
    expect(checked).toHaveLength(models.length);
    for (const { opset, types, error, ...found } of checked) {
      expect(error).toBeNull();
      expect(opset).toEqual({ '': 17 });
      expect(found.properties).toEqual(properties);
      expect(types).not.toContain('Gather');
      expect(types).not.toContain('Mul');
    }
  },
);

interface ReadSafetensors {
  readonly metadata: Record<string, string>;
  readonly tensors: Record<string, { shape: number[]; dtype: string; sha256: string }>;
}

testWithPython('the safetensors library reads what bundles and addenda hold, value by value', async () => {
  const network = resNet({ depth: 8, input: { channels: 3, height: 32, width: 32 }, classes: 10 });
  const family = noisyFamily(network, [0, 0.3, 0.5]);
  const bundle = writeBundle(family, { dataset: 'größe-0' });
  const { digest } = readBundle(bundle);
  const addendum = writeAddendum(family, { base: digest, ratios: [0.5], metadata: {} });
  const read = (await python!.call('read_safetensors.py', stored([bundle, addendum]))) as ReadSafetensors[];
  const written = [familyTensors(family), memberTensors(network, family.members.slice(2), AFFINE_ROWS)];
  expect(read.map(({ tensors }) => tensors)).toEqual(
    written.map((tensors) =>
      Object.fromEntries(
        Object.entries(tensors).map(([name, { shape, data }]) => {
          const sha256 = createHash('sha256').update(Buffer.from(data.slice().buffer)).digest('hex');
          return [name, { shape: [...shape], dtype: 'float32', sha256 }];
        }),
      ),
    ),
  );
  expect(read[0]!.metadata).toMatchObject({ digest, format: 'isochron-bundle', version: '1' });
  expect(JSON.parse(read[0]!.metadata['manifest']!)).toEqual(readBundle(bundle).manifest);
  expect(read[1]!.metadata).toMatchObject({ format: 'isochron-addendum', version: '1' });
});
