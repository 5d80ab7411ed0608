import type { BenchFile, BenchRow } from '../benchmark.js';
import type { KeptMacsDetail, MemoryDetail } from '../engine/rows.js';
import { aimOf, isMet, mustLandOf } from '../goals.js';
import { digits, engineTable, megabytes, seconds, stepTable } from './engine-tables.js';
import { markdownTable } from './markdown-table.js';
import { provenanceTable } from './provenance-table.js';

/** The document's part about what `npm run bench -- engine --json FILE` wrote. */
export function engineSection(file: BenchFile): string {
  const { rows } = file;
  return [
    '## Training engine',
    provenanceTable(file),
    '### What is wanted and what is there',
    goals(rows),
    HOW_TO_READ,
    '### Seconds of a step, in turns with PyTorch',
    stepTable(rows),
    '### The joint step and its MACs',
    jointSteps(rows),
    '### The dense step on every engine',
    engineTable(rows),
    '### Peak memory',
    memory(rows),
    '### Batches from data',
    dataPath(rows),
    REPEAT,
  ].join('\n\n');
}

const HOW_TO_READ = `ResNet-20 with projection shortcuts, 32x32x3, batch 64, float32, SGD with momentum and weight decay, two threads on
every side. A joint step trains four subnets that leave out 0, 25, 50 and 75 % of the MACs as prefix slices of shared weights:
their gradients are summed into one optimizer step, each has a BatchNorm of its own and all but the largest learn from its
outputs too. PyTorch is the fastest of its versions and memory layouts. Both sides begin with the same weights and the same
batch, and their losses are held to each other over the first five steps; contestants are processes of their own that take
turns, all but one of them stopped. A share is the median over the rounds of PyTorch's time over ours.`;

const REPEAT = `### To repeat it

\`npm run bench -- engine --json FILE\` on a machine that does nothing else. PyTorch is found at \`/usr/bin/python3\` (Debian:
\`apt-get install python3-torch\`) or where \`--peer-python PATH\` says, which may be given several times. A newer one comes from
PyPI: \`python3 -m venv var/torch && var/torch/bin/pip install torch\`, then \`--peer-python var/torch/bin/python\`; its Linux
wheel is the one for CUDA, of several gigabytes, and runs on the CPU too.`;

function goals(rows: readonly BenchRow[]): string {
  const cells = rows.flatMap((row) => {
    const { name, value, goal } = row;
    if (!goal) return [];
    return [[`\`${name}\``, digits(value), mustLandOf(goal), aimOf(goal), isMet(goal, row) ? 'yes' : 'no']];
  });
  return markdownTable(['figure', 'measured', 'must be', 'aim', 'met'], cells);
}

function jointSteps(rows: readonly BenchRow[]): string {
  const cells = rows.flatMap(({ name, value, detail }) => {
    if (!('keptMacs' in detail)) return [];
    const { keptMacs, byNominalMacs, joint, dense } = detail as unknown as KeptMacsDetail;
    const times = [joint, dense].map(({ medianSeconds }) => seconds(medianSeconds));
    return [[`\`${name}\``, digits(value), digits(byNominalMacs), ...times, digits(keptMacs)]];
  });
  const head = [
    'figure',
    'joint / (MACs x dense)',
    'by the ratios alone',
    'joint, s',
    'dense, s',
    "MACs, x dense network's",
  ];
  return markdownTable(head, cells);
}

function memory(rows: readonly BenchRow[]): string {
  const cells = rows.flatMap(({ name, value, detail }) => {
    if (!('leanestPeer' in detail)) return [];
    const { leanestPeer, peakMemoryBytes } = detail as unknown as MemoryDetail;
    const all = Object.entries(peakMemoryBytes).map(([who, bytes]) => `${megabytes(bytes)} ${who}`);
    return [[`\`${name}\``, digits(value), leanestPeer, all.join('<br>')]];
  });
  return markdownTable(['figure', 'ours / leanest', 'leanest PyTorch', 'peak resident set, MB'], cells);
}

function dataPath(rows: readonly BenchRow[]): string {
  const cells = rows
    .filter(({ name }) => name.startsWith('data_path'))
    .map(({ name, value, unit }) => [`\`${name}\``, `${digits(value)} ${unit}`]);
  return `Augmented batches of a CIFAR-10 file, made ahead by a thread or in place between two steps, beside one batch that is
there already; a share is of the images/s on that one.\n\n${markdownTable(['figure', 'measured'], cells)}`;
}
