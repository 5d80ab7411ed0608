import { TYPESCRIPT_NODE_OPTIONS } from '#testkit';
import type { BenchResult } from './benchmark.js';
import { renewDocument } from './document/benchmarks-document.js';
import { gpu } from './gpu.bench.js';

process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

describe('a quick run of the benchmark of graphics cards', () => {
  let result: BenchResult;
  // It fails by itself when the losses of a step differ between two sides.
  beforeAll(async () => {
    result = await gpu.run(() => {}, { rounds: 1, quick: true, peerPythons: [] });
  });

  it('times every step on every side', () => {
    const sides = ['onnxruntime_cpu', 'reference_javascript'];
    const works = ['dense_batch_4', 'joint_batch_4'];
    const names = works.flatMap((work) => sides.map((side) => `images_per_second_${side}_${work}`));
    expect(result.rows.map(({ name }) => name)).toEqual(names);
    for (const { value } of result.rows) expect(value).toBeGreaterThan(0);
  });

  it('gives a document with a table of each step', () => {
    const machine = { cpuModel: 'a CPU', cores: 2, memoryBytes: 2 ** 34, loadAverage: [0.5, 0, 0] };
    const command = 'npm run bench -- gpu';
    const text = renewDocument('', { bench: 'gpu', command, machine, versions: {}, ...result });
    expect(text.match(/^### .*/gm)).toEqual(
      expect.arrayContaining(['### The dense step, batches of 4', '### The joint step, batches of 4']),
    );
    expect(text.match(/onnxruntime cpu \|/g)).toHaveLength(2);
  });
});
