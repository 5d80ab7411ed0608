import { TYPESCRIPT_NODE_OPTIONS } from '#testkit';
import type { BenchResult } from './benchmark.js';
import { renewDocument } from './document/benchmarks-document.js';
import { engine } from './engine.bench.js';

process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

describe('a quick run of the engine benchmark', () => {
  const said: string[] = [];
  let result: BenchResult;
  const rowNames = () => result.rows.map(({ name }) => name);
  const hasPeer = () => result.versions?.['pytorch'] !== undefined;

  // It fails by itself when the losses of a step differ between two sides.
  beforeAll(async () => {
    const options = { rounds: 1, quick: true, peerPythons: ['/usr/bin/python3', '/nowhere/python3'] };
    result = await engine.run((line) => said.push(line), options);
    if (!hasPeer()) console.log(said.find((line) => line.startsWith('no PyTorch')));
  });

  it('names a peer that is missing and how to get it', () => {
    expect(said.join('\n')).toMatch(
      /no PyTorch peer at \/nowhere\/python3 .*: apt-get install python3-torch/,
    );
  });

  it('trains on every side and times each', () => {
    expect(rowNames()).toEqual(
      expect.arrayContaining([
        'images_per_second_onnxruntime_cpu',
        'images_per_second_reference_javascript',
        'joint_step_over_kept_macs',
      ]),
    );
    for (const { value } of result.rows) expect(value).toBeGreaterThan(0);
  });

  it('sets our figures beside those of PyTorch where there is one', () => {
    const shares = ['dense_step_share_of_pytorch', 'joint_step_share_of_pytorch', 'peak_memory_over_pytorch'];
    for (const name of shares) expect(rowNames().includes(name)).toBe(hasPeer());
  });

  it('gives a document that has every figure with a goal', () => {
    const machine = { cpuModel: 'a CPU', cores: 2, memoryBytes: 2 ** 34, loadAverage: [0.5, 0, 0] };
    const command = 'npm run bench -- engine --json /home/me/FILE';
    const text = renewDocument('', {
      bench: 'engine',
      command,
      machine,
      versions: { node: '1' },
      ...result,
    });
    for (const { name, goal } of result.rows) if (goal) expect(text).toContain(`\`${name}\``);
    expect(text).toContain('2 CPUs of a CPU, 16 GiB');
    expect(text).not.toContain('/home/me');
  });
});
