import type { BenchFile } from '../benchmark.js';
import { accuracySection } from './accuracy-section.js';
import { calibrationSection } from './calibration-section.js';
import { engineSection } from './engine-section.js';
import { gpuSection } from './gpu-section.js';
import { latencyTablesSection } from './latency-tables-section.js';
import { withoutPaths } from './provenance-table.js';
import { registrySection } from './registry-section.js';
import { serviceSection } from './service-section.js';

/** Benchmarks that the document has a section about, in its order. */
const SECTIONS: Readonly<Record<string, (file: BenchFile) => string>> = {
  engine: engineSection,
  gpu: gpuSection,
  accuracy: accuracySection,
  calibration: calibrationSection,
  'latency-tables': latencyTablesSection,
  service: serviceSection,
  registry: registrySection,
};

const INTRODUCTION = `# Benchmarks

Each section is made from one run by \`npm run docs:benchmarks -- FILE\`, which renews that section alone; no figure here is
typed by hand. Raw figures are in [results](results).`;

const beginOf = (name: string): string => `<!-- ${name}: begin -->`;
const endOf = (name: string): string => `<!-- ${name}: end -->`;

/**
 * docs/benchmarks.md with the section about a benchmark's file renewed, the other sections as they are.
 * @param before what the document is now; empty where there is none
 * @throws RangeError when the document has no section about such a benchmark
 */
export function renewDocument(before: string, file: BenchFile): string {
  const { bench } = file;
  const section = SECTIONS[bench];
  if (!section) {
    throw new RangeError(
      `no section is about the benchmark "${bench}", expected ${Object.keys(SECTIONS).join(' or ')}`,
    );
  }
  const sections = Object.keys(SECTIONS).flatMap((name) => {
    const content = name === bench ? section(file) : contentOf(before, name);
    return content === undefined ? [] : [[beginOf(name), content, endOf(name)].join('\n\n')];
  });
  return `${[INTRODUCTION, ...sections].join('\n\n')}\n`;
}

/** What was measured, for readers of the document: the file without where it lay. */
export const resultOf = (file: BenchFile): BenchFile => ({ ...file, command: withoutPaths(file.command) });

function contentOf(document: string, name: string): string | undefined {
  const begin = document.indexOf(beginOf(name));
  const end = document.indexOf(endOf(name), begin);
  return begin < 0 || end < 0 ? undefined : document.slice(begin + beginOf(name).length, end).trim();
}
