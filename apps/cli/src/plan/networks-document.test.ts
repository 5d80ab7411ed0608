import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { KNOWN_NETWORKS } from './network-argument.js';
import { plan } from './plan.js';
import type { PruningPlan } from './pruning-plan.js';

test('docs/networks.md states the MACs, parameters and groups of every network', async () => {
  const document = await readFile(path.resolve(import.meta.dirname, '../../../../docs/networks.md'), 'utf8');
  const [, table] = /\n\| `--network`[^\n]*\n[^\n]*\n((?:\|[^\n]*\n)+)/.exec(document)!;
  const rows = table!
    .trim()
    .split('\n')
    .map((row) => row.split('|').map((cell) => cell.replaceAll(/[` ]/g, '')));
  expect(new Set(rows.map(([, network]) => network))).toEqual(new Set(KNOWN_NETWORKS));
  for (const [, network, form, input, classes, ...counts] of rows) {
    const options = ['--input', input!, '--classes', classes!, ...(form ? ['--form', form] : [])];
    const { output } = await plan(['--network', network!, ...options, '--ratios', '0', '--json']);
    const { ratios, groups } = JSON.parse(output) as PruningPlan;
    const found = [ratios[0]!.macs, ratios[0]!.parameters, groups.length];
    expect([network, form, ...counts.slice(0, 3)]).toEqual([
      ...[network, form],
      ...found.map((count) => count.toLocaleString('en-US')),
    ]);
  }
});
