import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fashionMnistPaths } from '#datasets';
import { temporaryFolder, TYPESCRIPT_NODE_OPTIONS } from '#testkit';
import { accuracy } from './accuracy.bench.js';
import { codeDigest } from './accuracy/code-digest.js';
import type { BenchResult, BenchRow } from './benchmark.js';

process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

const installed = await fashionMnistPaths().then(
  () => true,
  () => false,
);

(installed ? describe : describe.skip)('a quick run of the accuracy benchmark', () => {
  const said: string[] = [];
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let result: BenchResult;
  const runQuick = (peerPython = '/usr/bin/python3') => {
    const options = { rounds: 1, quick: true, peerPythons: [peerPython], folder: folder.path };
    return accuracy.run((line) => said.push(line), options);
  };
  const hasPeer = () => result.versions?.['pytorch'] !== undefined;
  const rowNames = () => result.rows.map(({ name }) => name);

  beforeAll(async () => {
    folder = await temporaryFolder();
    result = await runQuick();
  });
  afterAll(() => folder.remove());

  it('trains every method with every seed and keeps each run', async () => {
    expect(result.failed).toEqual([]);
    expect(result.settings).toMatchObject({ code: codeDigest() });
    expect(await readdir(folder.path)).toHaveLength(hasPeer() ? 8 : 6);
  });

  it('has every claim, those about PyTorch where there is one', () => {
    expect(rowNames()).toEqual(
      expect.arrayContaining([
        'all_in_one_minus_uniform_mean_points',
        'all_in_one_minus_independent_worst_points',
        'all_in_one_at_0_minus_dense_points',
        'training_macs_over_independents',
        'bundle_bytes_over_dense',
        'untrained_ratio_error_points',
      ]),
    );
    expect(rowNames().includes('uniform_minus_pytorch_usnet_worst_points')).toBe(hasPeer());
    for (const { value, detail } of result.rows) {
      expect(value).not.toBeNaN();
      if (detail['kind'] === 'seeds') expect(detail['seeds']).toEqual([1, 2]);
    }
  });

  it('takes the same runs when it is asked again', async () => {
    said.length = 0;
    expect((await runQuick()).rows).toEqual(result.rows);
    expect(said.join('\n')).not.toContain('begins');
  });

  it('says which runs failed, and has the figures of the others', async () => {
    const python = path.join(folder.path, 'python');
    const probed = JSON.stringify({ torch: '0', python: '0', cuda: null });
    await writeFile(python, `#!/bin/sh\n[ "$2" = --probe ] || exit 3\necho '${probed}'\n`, { mode: 0o755 });
    const { failed, rows } = await runQuick(python);
    expect([...failed!].sort((a, b) => a.seed - b.seed)).toEqual(
      [1, 2].map((seed) => {
        return { method: 'pytorch-usnet', seed, message: expect.stringContaining('without a result (3)') };
      }),
    );
    const own = ({ name }: BenchRow) => !name.includes('pytorch');
    expect(rows).toEqual(result.rows.filter(own));
  });
});
