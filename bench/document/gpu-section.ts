import type { BenchFile, BenchRow } from '../benchmark.js';
import { engineTable, stepTable } from './engine-tables.js';
import { provenanceTable } from './provenance-table.js';

/** The document's part about what `npm run bench -- gpu --json FILE` wrote. */
export function gpuSection(file: BenchFile): string {
  const { rows } = file;
  return [
    '## Graphics cards',
    provenanceTable(file),
    HOW_TO_READ,
    '### Seconds of a step on a card, in turns with PyTorch on CUDA',
    stepTable(rows),
    ...worksOf(rows).flatMap(({ title, rows: ofWork }) => [`### ${title}`, engineTable(ofWork)]),
    REPEAT,
  ].join('\n\n');
}

const HOW_TO_READ = `The steps of [Training engine](#training-engine), the joint one at free widths, in batches of 64 and 512. PyTorch computes in
float32 too (without TF32) and runs its operators one by one. Losses of all contestants are held to those of \`onnxruntime cpu\`,
which has all of the machine's cores, over the first five steps. A load before the run may be that of work that had just ended.`;

const REPEAT = `### To repeat it

\`npm run bench -- gpu --json FILE\` on a machine with a card that [an engine](engines.md) can use and, to compare with, PyTorch for
CUDA at \`--peer-python PATH\`.`;

/** Rows about single contestants, by the step and batch size that their names end with, in order. */
function worksOf(rows: readonly BenchRow[]): { title: string; rows: BenchRow[] }[] {
  const works = new Map<string, BenchRow[]>();
  for (const row of rows) {
    const [, step, batch] = /^images_per_second_.*_(dense|joint)_batch_(\d+)$/.exec(row.name) ?? [];
    if (step === undefined) continue;
    const title = `The ${step} step, batches of ${batch}`;
    works.set(title, [...(works.get(title) ?? []), row]);
  }
  return [...works].map(([title, ofWork]) => ({ title, rows: ofWork }));
}
