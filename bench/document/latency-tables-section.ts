import type { BenchFile } from '../benchmark.js';
import { figuresTable } from './figures-table.js';
import { provenanceTable } from './provenance-table.js';

/** The document's part about what `npm run bench -- latency-tables --json FILE` wrote. */
export function latencyTablesSection(file: BenchFile): string {
  const { devices, operatingPoints, ratios, importedSamples } = file.settings as Record<string, number>;
  return [
    '## Latency tables',
    provenanceTable(file),
    `Medians of requests to an API with tables of ${devices} devices, ${operatingPoints} operating points x ${ratios} ratios each, one request
after the other, client and server on this machine; the embedded PostgreSQL. One import has ${importedSamples} samples as CSV, checked and
stored.`,
    figuresTable(file.rows),
    '### To repeat it\n\n`npm run bench -- latency-tables --json FILE`.',
  ].join('\n\n');
}
